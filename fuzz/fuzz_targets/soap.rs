//! WS-Management requests: the strict XML reader, and the whole engine over a small broker.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use cim::{Access, Broker, Identity, Repository};
use libfuzzer_sys::fuzz_target;
use wsman::{Engine, EngineConfig, soap};

const MOF: &str = r#"
class Fan { [Key] string Id; [Write] string Name; uint32 Speed; uint32 Reset([In] uint16 Mode); };
class BigFan : Fan { uint8 Blades; };
instance of Fan { Id = "a"; Name = "CPU 1"; Speed = 1200; };
instance of BigFan { Id = "b"; Name = "CPU <2>"; Speed = 900; Blades = 7; };
"#;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut repository = Repository::default();
    repository.load_mof("root/hardware", "fuzz.mof", MOF).expect("the classes compile");
    let config = EngineConfig { max_enumerations: 20, max_enumerations_per_user: 20, ..EngineConfig::default() };
    Engine::new(Arc::new(Broker::new(repository)), config)
});

fuzz_target!(|data: &[u8]| {
    let identity = Identity { user: "fuzz".into(), access: Access::Full };
    let now = Instant::now();
    for content_type in [None, Some("application/soap+xml;charset=UTF-16")] {
        let reply = ENGINE.handle(data, content_type, Some(&identity), now);
        assert!(matches!(reply.status, 200 | 400 | 401 | 415 | 500), "status {}", reply.status);
        assert!(reply.content_type.starts_with("application/soap+xml"));
        if reply.content_type.to_ascii_lowercase().contains("utf-8") {
            let text = std::str::from_utf8(&reply.body).expect("UTF-8");
            let answer = soap::parse(text).unwrap_or_else(|error| panic!("own answer: {error}\n{text}"));
            assert_eq!(&*answer.name, "Envelope");
        }
    }
    if let Some(tree) = std::str::from_utf8(data).ok().and_then(|text| soap::parse(text).ok()) {
        let written = tree.to_xml();
        let again = soap::parse(&written).unwrap_or_else(|error| panic!("{error} in {written}"));
        assert_eq!(again.to_xml(), written);
    }
});
