//! The engine's files of several validators on one machine, each knowing the others, as `jmesd testnet` and
//! `scripts/run` use them.

use std::path::{Path, PathBuf};

use anyhow::{bail, Result};

use super::config::{self, Init, Ports, Preset};
use super::keys::{self, PublicKey};

/// What the nodes are made from.
#[derive(Clone, Debug)]
pub struct Layout<'a> {
    /// The engine's binary, see [`find_binary`](super::find_binary).
    pub binary: &'a Path,
    /// The directory that gets `node0`, `node1` ….
    pub dir: &'a Path,
    /// The number of nodes, all of them validators; at least 1.
    pub nodes: u16,
    /// The block pace.
    pub preset: Preset,
    /// The first node's first port, see [`Ports::of_node`].
    pub port_base: Option<u16>,
}

/// One node of a local network.
#[derive(Clone, Debug)]
pub struct Node {
    /// The node's home directory.
    pub home: PathBuf,
    /// `node` and its number.
    pub moniker: String,
    /// What it listens on.
    pub ports: Ports,
    /// Its id on the peer network.
    pub id: String,
    /// Its validator's consensus public key, for the genesis.
    pub validator: PublicKey,
}

/// Makes the engine's files of all nodes. They listen on loopback alone and keep connections to each other.
///
/// # Errors
/// There are no nodes, a node's directory exists, a port would be too high, or the engine's files cannot be made.
pub fn lay_out(layout: &Layout<'_>) -> Result<Vec<Node>> {
    if layout.nodes == 0 {
        bail!("a network needs at least one validator");
    }
    let nodes: Vec<Node> = (0..layout.nodes).map(|index| make(layout, index)).collect::<Result<_>>()?;
    for node in &nodes {
        connect(node, &nodes)?;
    }
    Ok(nodes)
}

fn make(layout: &Layout<'_>, index: u16) -> Result<Node> {
    let ports = Ports::of_node(layout.port_base, index)?;
    let moniker = format!("node{index}");
    let home = layout.dir.join(&moniker);
    if home.exists() {
        bail!("{} exists already: remove it, or choose another --home", home.display());
    }
    config::init(&Init {
        binary: layout.binary,
        home: &home,
        moniker: &moniker,
        preset: layout.preset,
        alone: layout.nodes == 1,
        ports,
    })?;
    let (id, validator) = (keys::node_id(&home)?, keys::validator_pubkey(&home)?);
    Ok(Node { home, moniker, ports, id, validator })
}

fn connect(node: &Node, nodes: &[Node]) -> Result<()> {
    let peers: Vec<String> = nodes
        .iter()
        .filter(|peer| peer.id != node.id)
        .map(|peer| format!("{}@127.0.0.1:{}", peer.id, peer.ports.p2p))
        .collect();
    config::edit(
        &node.home,
        &[
            ("p2p.laddr", format!("tcp://127.0.0.1:{}", node.ports.p2p).into()),
            ("p2p.persistent_peers", peers.join(",").into()),
            // They know each other, so nothing is to be found; and CometBFT starts its reactors in no order: peer exchange may connect
            // a node that starts again before its consensus reactor runs, which then never talks to that peer.
            ("p2p.pex", false.into()),
            // All nodes have one address, and it is not routable.
            ("p2p.addr_book_strict", false.into()),
            ("p2p.allow_duplicate_ip", true.into()),
        ],
    )
}
