//! Official artworks: NFTs with their provenance (§13).

use crate::kernel::{codes, Ctx, Error, Module, Result, View};

/// The module.
pub struct ArtworkModule;

impl Module for ArtworkModule {
    fn name(&self) -> &'static str {
        "artwork"
    }
    fn import(&self, _: &mut Ctx, _: &serde_json::Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }
}

fn unbuilt<T>() -> Result<T> {
    Err(Error::sdk(codes::NOT_SUPPORTED, "not built yet"))
}

/// Placeholder until the messages are there.
pub fn placeholder() -> Result<()> {
    unbuilt()
}
