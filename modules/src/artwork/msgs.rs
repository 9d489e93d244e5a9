//! The messages of `jmes.artwork.v1` and `cosmos.nft.v1beta1`.

use super::{mint, send, Mint};
use crate::kernel::{Address, Ctx, Msg, Result};
use jmes_proto::cosmos::nft::v1beta1::{MsgSend, MsgSendResponse};
use jmes_proto::jmes::artwork::v1::{MsgMint, MsgMintResponse};

impl Msg for MsgMint {
    type Response = MsgMintResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.dao)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgMintResponse> {
        let asked = Mint {
            dao: Address::parse(&self.dao)?,
            id: self.id.clone(),
            owner: Address::parse(&self.owner).map_err(|error| error.context("owner"))?,
            uri: self.uri.clone(),
            uri_hash: self.uri_hash.clone(),
            title: self.title.clone(),
            artist: self.artist.clone(),
            royalty_bps: self.royalty_bps,
            data: self.data.clone(),
        };
        Ok(MsgMintResponse { class_id: mint(ctx, &asked)?, id: asked.id })
    }
}

impl Msg for MsgSend {
    type Response = MsgSendResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.sender)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgSendResponse> {
        let sender = Address::parse(&self.sender)?;
        let receiver = Address::parse(&self.receiver).map_err(|error| error.context("receiver"))?;
        send(ctx, &self.class_id, &self.id, &sender, &receiver)?;
        Ok(MsgSendResponse {})
    }
}
