//! Says early, in words, that RocksDB has not been built yet: the linker would say it late, in its own.

use std::path::Path;
use std::process::exit;

fn main() {
    println!("cargo:rerun-if-env-changed=ROCKSDB_LIB_DIR");
    let Some(directory) = std::env::var_os("ROCKSDB_LIB_DIR") else { return };
    let library = Path::new(&directory).join("librocksdb.a");
    println!("cargo:rerun-if-changed={}", library.display());
    if !library.is_file() {
        eprintln!("there is no {}: run scripts/setup first", library.display());
        exit(1);
    }
}
