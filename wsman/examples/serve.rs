//! A WS-Management service over a few made-up fans: `cargo run -p wsman --example serve -- 127.0.0.1:5985`.
//!
//! Users are admin:admin, who may do everything, and guest:guest, who may read. The first line printed is `ready URL`.

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::Arc;

use cim::Access;
use tokio::net::TcpListener;
use wsman::auth::{Basic, Users};
use wsman::server::{ServerConfig, Service, serve};
use wsman::{Engine, EngineConfig};
use zeroize::Zeroizing;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:5985".to_owned());
    let mut users = Users::default();
    users.add("admin", Zeroizing::new("admin".to_owned()), Access::Full);
    users.add("guest", Zeroizing::new("guest".to_owned()), Access::Read);
    let engine = Arc::new(Engine::new(common::broker(), EngineConfig::default()));
    let service = Service::new(engine, vec![Box::new(Basic::new(Arc::new(users), true))], ServerConfig::default());
    let listener = TcpListener::bind(address).await?;
    println!("ready http://{}/wsman", listener.local_addr()?);
    serve(service, listener, None, std::future::pending()).await
}
