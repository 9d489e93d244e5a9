//! Writes what crate `jmes-proto` has checked in: `src/descriptor.bin`, the descriptor set behind REST, gRPC reflection and
//! amino, and `src/gen/`, the Rust types of our own packages and of the few that crate `cosmos-sdk-proto` lacks.
//! `scripts/proto` runs it with the downloaded `.proto` sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{ensure, Context, Result};
use protox::Compiler;

/// Folders whose files go into the descriptor set, with everything they import.
const FOLDERS: &[&str] = &[
    "cosmos/auth/v1beta1",
    "cosmos/authz/v1beta1",
    "cosmos/bank/v1beta1",
    "cosmos/base",
    "cosmos/consensus/v1",
    "cosmos/crypto/ed25519",
    "cosmos/crypto/multisig",
    "cosmos/crypto/secp256k1",
    "cosmos/crypto/secp256r1",
    "cosmos/distribution/v1beta1",
    "cosmos/evidence/v1beta1",
    "cosmos/feegrant/v1beta1",
    "cosmos/gov/v1",
    "cosmos/gov/v1beta1",
    "cosmos/mint/v1beta1",
    "cosmos/nft/v1beta1",
    "cosmos/params/v1beta1",
    "cosmos/slashing/v1beta1",
    "cosmos/staking/v1beta1",
    "cosmos/tx/signing",
    "cosmos/tx/v1beta1",
    "cosmos/upgrade/v1beta1",
    "cosmos/vesting/v1beta1",
    "jmes",
];

/// Packages that get Rust types here: crate `cosmos-sdk-proto` has every other `cosmos` package of the set.
const GENERATED: &[&str] = &["cosmos.consensus.v1", "cosmos.nft.v1beta1", "jmes."];

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().context("usage: jmes-proto-generate OUT_DIR INCLUDE_DIR...")?;
    let includes: Vec<PathBuf> = arguments.collect();
    let files = proto_files(&includes)?;

    let descriptor = compile(&includes, &files, false)?.encode_file_descriptor_set();
    fs::create_dir_all(out.join("gen"))?;
    fs::write(out.join("descriptor.bin"), &descriptor)?;
    generate_types(compile(&includes, &files, true)?, &out.join("gen"))?;
    println!("{} files and their imports, {} bytes of descriptors", files.len(), descriptor.len());
    Ok(())
}

/// The names, relative to their include directory and sorted, of all `.proto` files under [`FOLDERS`].
fn proto_files(includes: &[PathBuf]) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    for folder in FOLDERS {
        let before = files.len();
        for include in includes {
            collect(include, &include.join(folder), &mut files)?;
        }
        ensure!(files.len() > before, "no .proto files in {folder} under any of {includes:?}");
    }
    Ok(files)
}

fn collect(include: &Path, folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(include, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.insert(path.strip_prefix(include)?.to_owned());
        }
    }
    Ok(())
}

fn compile(includes: &[PathBuf], files: &BTreeSet<PathBuf>, source_info: bool) -> Result<Compiler> {
    let mut compiler = Compiler::new(includes)?;
    compiler.include_imports(true).include_source_info(source_info);
    compiler.open_files(files)?;
    Ok(compiler)
}

fn generate_types(compiler: Compiler, out: &Path) -> Result<()> {
    let mut set = compiler.file_descriptor_set();
    let is_generated = |package: &str| GENERATED.iter().any(|prefix| package.starts_with(prefix));

    let mut config = prost_build::Config::new();
    config
        .out_dir(out)
        .include_file("mod.rs")
        .enable_type_names()
        .disable_comments([".cosmos"])
        .compile_well_known_types()
        .extern_path(".google.protobuf", "::tendermint_proto::google::protobuf")
        .extern_path(".tendermint", "::tendermint_proto");
    for package in set.file.iter().map(|file| file.package()).collect::<BTreeSet<_>>() {
        if package.starts_with("cosmos.") && !is_generated(package) {
            let path = format!("::cosmos_sdk_proto::{}", package.replace('.', "::"));
            config.extern_path(format!(".{package}"), path);
        }
    }
    // Packages that exist elsewhere stay in the set because the generator looks into their messages; it writes nothing for
    // them. The remaining ones only define options.
    set.file.retain(|file| {
        let package = file.package();
        ["jmes.", "cosmos.", "tendermint."].iter().any(|prefix| package.starts_with(prefix))
            || package == "google.protobuf"
    });
    config.compile_fds(set)?;
    Ok(())
}
