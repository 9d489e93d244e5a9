//! The message of `jmes.identity.v1`.

use super::{register, Kind};
use crate::kernel::{Address, Ctx, Msg, Result};
use jmes_proto::jmes::identity::v1::{MsgRegisterUser, MsgRegisterUserResponse};

impl Msg for MsgRegisterUser {
    type Response = MsgRegisterUserResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.creator)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgRegisterUserResponse> {
        let creator = Address::parse(&self.creator).map_err(|error| error.context("invalid creator"))?;
        register(ctx, &creator, &creator, &self.name, Kind::User)?;
        Ok(MsgRegisterUserResponse {})
    }
}
