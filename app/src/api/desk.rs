//! Where the doors put their calls: finds who answers and keeps calls that wait for the engine within bounds.

use std::sync::Arc;

use jmes_modules::kernel::{QueryCode, QueryError, QueryResult};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task, time,
};

use super::{
    catalog::{Answerer, Catalog, Endpoint},
    node::{Node, NodeMethod},
    Limits,
};
use crate::{
    chain::{Answer, Chain},
    rpc,
};

/// The one place both doors lead to.
pub struct Desk {
    /// The calls that are answered.
    pub catalog: Catalog,
    /// The bounds.
    pub limits: Limits,
    bodies: Semaphore,
    node: Node,
    engine_calls: Arc<Semaphore>,
}

impl Desk {
    /// A desk that answers for `chain` and `engine`.
    pub fn new(chain: Chain, engine: rpc::Client, limits: Limits) -> Self {
        let catalog = Catalog::new(jmes_proto::pool(), &chain.query_paths());
        let engine_calls = Arc::new(Semaphore::new(limits.engine_calls));
        let bodies = Semaphore::new(limits.bodies);
        Self { catalog, limits, bodies, node: Node { chain, engine }, engine_calls }
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.node.chain
    }

    /// Answers a call with the encoded answer message, at `height` (0 for the latest) as far as committed state is asked.
    pub async fn answer(&self, endpoint: &Endpoint, request: Vec<u8>, height: u64) -> QueryResult<Answer> {
        match endpoint.answerer {
            Answerer::State(path) => self.node.chain.query(path, &request, height),
            Answerer::Node(method) => self.ask_node(method, request).await,
        }
    }

    /// A place for a request with a body, to be kept until it is answered.
    pub async fn place(&self) -> QueryResult<SemaphorePermit<'_>> {
        match time::timeout(self.limits.time, self.bodies.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(unavailable("the node is busy: too many requests at a time")),
        }
    }

    async fn ask_node(&self, method: NodeMethod, request: Vec<u8>) -> QueryResult<Answer> {
        let turn = time::timeout(self.limits.time, self.engine_calls.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(unavailable("the node is busy: too many requests wait for the consensus engine"));
        };
        let node = self.node.clone();
        let answer = task::spawn_blocking(move || {
            let answer = node.answer(method, &request);
            drop(turn);
            answer
        });
        let value = answer.await.map_err(|_| unavailable("the node is stopping"))??;
        Ok(Answer { height: self.node.chain.height(), value })
    }
}

fn unavailable(why: &str) -> QueryError {
    QueryError::new(QueryCode::Unavailable, why)
}
