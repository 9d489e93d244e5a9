//! Every key of the store `slashing`.

use super::types::{Chunk, EvidenceHash, SigningInfo, Windows};
use crate::kernel::{proto_value, ConsensusAddress, Item, Map};
use crate::SLASHING;
use cosmos_sdk_proto::cosmos::evidence::v1beta1::Equivocation;
use cosmos_sdk_proto::cosmos::slashing::v1beta1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(SLASHING, 1);
/// `02 ‖ consensus address` → what is known of its signing. Kept for ever.
pub const SIGNING_INFOS: Map<ConsensusAddress, SigningInfo> = Map::new(SLASHING, 2);
/// `03 ‖ consensus address ‖ number k` → the missed commits among places 1,024 k … 1,024 k + 1,023 of its window. The commit
/// of height c has place c mod length. No chunk is stored without a missed commit.
pub const MISSED: Map<(ConsensusAddress, u64), Chunk> = Map::new(SLASHING, 3);
/// `04` → what all windows have in common; none before the first commit.
pub const WINDOWS: Item<Windows> = Item::new(SLASHING, 4);
/// `05 ‖ SHA-256 of the value` → evidence that was acted upon. Kept for ever.
pub const EVIDENCE: Map<EvidenceHash, Equivocation> = Map::new(SLASHING, 5);

proto_value!(Params, Equivocation);
