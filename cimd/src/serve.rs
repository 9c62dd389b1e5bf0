//! Wiring: BMC, provider, broker, WS-Management engine, listeners; and the way out.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use cim::{Broker, Repository};
use cim_provider::{HardwareProvider, Node, schema};
use kernel_bridge::Bmc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wsman::auth::{Authenticator, Basic};
use wsman::file;
use wsman::server::{ServerConfig, Service, serve};
use wsman::{Engine, EngineConfig};

use crate::settings::{BmcChoice, Settings};
use crate::{bmc, certificate, summary};

/// Path of the service in URLs.
const PATH: &str = "/wsman";
/// How long requests in flight may take once the daemon was told to end.
const DRAIN: Duration = Duration::from_secs(10);
const SECURITY_PROFILE: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile";

/// A listener that is up.
struct Listener {
    socket: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    url: String,
}

/// The classes served, and those of the administrator.
///
/// # Errors
/// Names the MOF file, the line, what was expected and what was found.
pub(crate) fn repository(mof: &[PathBuf]) -> anyhow::Result<Repository> {
    let mut repository = Repository::default();
    schema::load(&mut repository)?;
    for path in mof {
        let text =
            file::read_text(path, file::MAX_DOCUMENT).with_context(|| format!("cannot read {}", path.display()))?;
        repository.load_mof(schema::HARDWARE, &path.display().to_string(), &text)?;
    }
    Ok(repository)
}

/// The classes with the provider that has their instances.
fn broker(repository: Repository, bmc: Bmc) -> anyhow::Result<Broker> {
    let mut broker = Broker::new(repository);
    broker.register(Arc::new(HardwareProvider::new(Node::new(bmc))))?;
    Ok(broker)
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot start; once it serves, it goes on.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    if settings.bmc == BmcChoice::Simulated {
        eprintln!("cimd: *** SIMULATED BMC *** nothing that follows is about this machine's hardware");
    }
    let repository = repository(&settings.mof)?;
    let served = bmc::open(&settings.bmc, &settings.bmc_password)?;
    let name = served.bmc.name().to_owned();
    let broker = Arc::new(broker(repository, served.bmc.clone())?);
    let listeners = listen(&settings).await?;
    let service = service(&settings, Arc::clone(&broker));

    let (stop, stopped) = watch::channel(());
    let mut servers = JoinSet::new();
    let first = listeners.first().map(|listener| listener.url.clone()).unwrap_or_default();
    for Listener { socket, tls, url } in listeners {
        let mut stopped = stopped.clone();
        say(&format!("ready {url}"));
        servers.spawn(serve(Arc::clone(&service), socket, tls, async move {
            // An error means that nobody can stop us any more, which is the time to stop.
            let _ = stopped.changed().await;
        }));
    }
    let example = summary::try_these(&first, &settings.example_user, settings.example_password);
    tokio::task::spawn_blocking(move || say(&format!("{}\n{example}", summary::found(&broker, &name))));

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        Some(ended) = servers.join_next() => {
            ended.context("a listener failed")?.context("a listener failed")?;
            bail!("a listener ended by itself");
        }
    }
    tracing::info!("ending: requests in flight are answered first");
    // Without receivers there is nobody left to tell.
    let _ = stop.send(());
    let drained = async { while servers.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("requests still in flight after {} s are dropped", DRAIN.as_secs());
    }
    drop(served);
    Ok(())
}

async fn listen(settings: &Settings) -> anyhow::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    if let Some(address) = settings.http {
        let (socket, bound) = bind(address).await?;
        listeners.push(Listener { socket, tls: None, url: format!("http://{bound}{PATH}") });
    }
    if let Some(address) = settings.https {
        let tls = settings.certificate.load()?;
        let (socket, bound) = bind(address).await?;
        listeners.push(Listener { socket, tls: Some(tls), url: format!("https://{bound}{PATH}") });
    }
    Ok(listeners)
}

async fn bind(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let socket = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let bound = socket.local_addr()?;
    Ok((socket, bound))
}

fn service(settings: &Settings, broker: Arc<Broker>) -> Arc<Service> {
    let mut security_profiles = Vec::new();
    if settings.http.is_some() {
        security_profiles.push(format!("{SECURITY_PROFILE}/http/basic"));
    }
    if settings.https.is_some() {
        security_profiles.push(format!("{SECURITY_PROFILE}/https/basic"));
    }
    let config = EngineConfig { machine: certificate::host_name(), security_profiles, ..EngineConfig::default() };
    let engine = Arc::new(Engine::new(broker, config));
    let basic: Box<dyn Authenticator> = Box::new(Basic::new(settings.users.clone(), settings.allow_unencrypted));
    Service::new(engine, vec![basic], ServerConfig::default())
}

/// Prints for people and for those who wait for `ready`; a closed standard output is no reason to end.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use cim::broker::Polymorphism;
    use cim::{Access, Identity, Instance, OperationContext, Value};

    use super::*;

    const HARDWARE: &str = schema::HARDWARE;

    struct Site {
        broker: Broker,
        context: OperationContext,
        _served: bmc::Served,
    }

    impl Site {
        fn new(choice: &BmcChoice) -> Self {
            let served = bmc::open(choice, &ipmi_core::Secret::default()).unwrap();
            let broker = broker(repository(&[]).unwrap(), served.bmc.clone()).unwrap();
            let identity = Identity { user: "test".into(), access: Access::Full };
            Self { broker, context: OperationContext { identity, deadline: None }, _served: served }
        }

        fn all(&self, class: &str) -> Vec<Instance> {
            self.broker.enumerate(&self.context, HARDWARE, class, Polymorphism::default()).unwrap()
        }

        fn invoke(&self, target: &Instance, method: &str, inputs: &[(String, Value)]) -> Value {
            self.broker.invoke(&self.context, HARDWARE, &target.path(), method, inputs).unwrap().result
        }
    }

    fn in_process() -> Site {
        Site::new(&BmcChoice::Url("sim:".parse().unwrap()))
    }

    fn names(instances: &[Instance]) -> Vec<&str> {
        instances.iter().map(|instance| instance.get("ElementName").unwrap().as_str().unwrap()).collect()
    }

    #[test]
    fn every_class_has_instances() {
        let site = in_process();
        for (namespace, class) in HardwareProvider::served() {
            let found = site.broker.enumerate(&site.context, namespace, class, Polymorphism::None).unwrap();
            assert!(!found.is_empty(), "{class}");
            for instance in &found {
                assert!(instance.class().keys().all(|(slot, _)| !instance.value(slot).is_null()), "{class}");
            }
            let again = site.broker.get(&site.context, namespace, &found[0].path()).unwrap();
            assert_eq!(again.path(), found[0].path());
        }
        let numeric = site.all("NumericSensor");
        assert!(numeric.len() + site.all("Sensor").len() >= 60);
        assert!(numeric.iter().all(|sensor| !sensor.get("CurrentReading").unwrap().is_null()), "all of them read");
        assert!(site.all("LogRecord").len() >= 30);
    }

    #[test]
    fn actions_reach_the_simulated_server() {
        let site = in_process();
        let host = &site.all("ComputerSystem")[0];
        let off = [("RequestedState".to_owned(), Value::from(3u16))];
        assert_eq!(site.invoke(host, "RequestStateChange", &off), 0u32.into());
        assert_eq!(site.all("ComputerSystem")[0].get("EnabledState"), Some(&3u16.into()));
        assert_eq!(site.invoke(&site.all("RecordLog")[0], "ClearLog", &[]), 0u32.into());
        assert!(site.all("LogRecord").len() <= 1, "a BMC may log the erasure");
    }

    #[test]
    fn simulation_goes_the_way_of_a_real_bmc() {
        let (direct, serial) = (in_process(), Site::new(&BmcChoice::Simulated));
        assert_eq!(names(&direct.all("Sensor")), names(&serial.all("Sensor")));
        let found = summary::found(&serial.broker, "simulated");
        assert!(found.contains("power on") && found.contains("SEL entries"), "{found}");
    }

    #[test]
    fn a_bmc_that_is_away_is_said_to_be() {
        let site = Site::new(&BmcChoice::Url("serial-kcs:/nonexistent/line".parse().unwrap()));
        let found = summary::found(&site.broker, "x");
        assert!(found.contains("cannot be read yet") && found.contains("/nonexistent/line"), "{found}");
    }

    #[test]
    fn more_classes_come_from_mof_files_and_errors_name_them() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("more.mof");
        std::fs::write(&file, "class Site : CIM_AdminDomain { string Street; };").unwrap();
        assert!(repository(std::slice::from_ref(&file)).unwrap().class(HARDWARE, "Site").is_ok());
        std::fs::write(&file, "class Site : Nothing {};").unwrap();
        assert!(repository(&[file]).unwrap_err().to_string().contains("more.mof"));
    }
}
