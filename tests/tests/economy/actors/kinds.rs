//! What can happen, and how often.

use jmes_tests::Random;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Join,
    Create,
    Edit,
    Unjail,
    Bond,
    Undelegate,
    Redelegate,
    Cancel,
    Reward,
    Commission,
    WithdrawAddress,
    Send,
    Premint,
    /// A name is registered.
    Register,
    /// A DAO is registered.
    Found,
    /// A DAO is given coins.
    Gift,
    /// A member proposes what its DAO shall do.
    Propose,
    /// A member votes inside its DAO.
    Decide,
    /// A member executes what its DAO has decided.
    Execute,
    /// A holder votes on proposals of governance.
    Vote,
    Conclude,
    /// An artwork changes hands.
    SendArtwork,
    /// A validator goes offline, or comes back.
    Offline,
    /// Evidence of double signing.
    DoubleSign,
    /// Blocks faster than the clock, late ones, or a long halt.
    Time,
    /// The node is stopped and started.
    Restart,
    /// The state becomes the genesis of another chain, which goes on.
    Export,
}

impl Kind {
    /// All kinds, and how often each is tried.
    pub const ALL: [(Self, usize); 27] = [
        (Self::Join, 12),
        (Self::Create, 6),
        (Self::Edit, 4),
        (Self::Unjail, 8),
        (Self::Bond, 24),
        (Self::Undelegate, 10),
        (Self::Redelegate, 8),
        (Self::Cancel, 5),
        (Self::Reward, 10),
        (Self::Commission, 10),
        (Self::WithdrawAddress, 2),
        (Self::Send, 10),
        (Self::Premint, 8),
        (Self::Register, 14),
        (Self::Found, 6),
        (Self::Gift, 20),
        (Self::Propose, 45),
        (Self::Decide, 80),
        (Self::Execute, 16),
        (Self::Vote, 50),
        (Self::Conclude, 35),
        (Self::SendArtwork, 4),
        (Self::Offline, 6),
        (Self::DoubleSign, 1),
        (Self::Time, 4),
        (Self::Restart, 2),
        (Self::Export, 2),
    ];

    /// Whether it is a message, which somebody signs.
    pub const fn is_message(self) -> bool {
        !matches!(self, Self::Offline | Self::DoubleSign | Self::Time | Self::Restart | Self::Export)
    }

    /// Its name.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(kind, _)| kind).find(|kind| kind.name() == name)
    }

    /// One of them.
    pub fn any(random: &mut Random) -> Self {
        let total = Self::ALL.iter().map(|(_, times)| times).sum();
        let mut left = random.below(total);
        for (kind, times) in Self::ALL {
            if left < times {
                return kind;
            }
            left -= times;
        }
        unreachable!("{left} is below {total}")
    }
}
