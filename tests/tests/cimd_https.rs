//! WS-Man over HTTPS with the certificate that `cimd` makes on its first start.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::wsman_client::WMI;
use tests::{peer, program};

const SCRIPT: &str = r#"
import sys, json, warnings
warnings.filterwarnings("ignore")
import xml.etree.ElementTree as ET
from pypsrp.wsman import WSMan
N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
client = WSMan("127.0.0.1", port=int(sys.argv[1]), username="admin", password="admin", ssl=True, cert_validation=False, auth="basic", max_envelope_size=512000)
body = ET.Element("{%s}Enumerate" % N)
ET.SubElement(body, "{%s}OptimizeEnumeration" % W)
ET.SubElement(body, "{%s}MaxElements" % W).text = "1000"
answer = client.enumerate(sys.argv[2], body)[0]
print(len(answer.find("{%s}Items" % W)))
assert answer.find("{%s}EndOfSequence" % W) is not None
"#;

#[test]
fn the_first_start_makes_a_certificate_that_the_next_start_keeps() {
    let state = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = std::process::Command::new(program::path("cimd"));
        command
            .args(["--bmc", "sim:", "--https", "127.0.0.1:0", "--user", "admin:admin"])
            .env("STATE_DIRECTORY", state.path());
        let daemon = program::Running::spawn("cimd", command);
        let url = daemon.wait_for("ready https://");
        (daemon, url.split('/').next().unwrap().to_owned())
    };
    let certificate = || {
        let mut files: Vec<_> = std::fs::read_dir(state.path())
            .unwrap()
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect();
        files.sort();
        files
    };
    let (daemon, address) = start();
    let first = certificate();
    assert!(!first.is_empty(), "a certificate in the state directory");
    let remote = format!("-r:https://{address}");
    let login = [&*remote, "-u:admin", "-p:admin", "-a:basic"];
    let arguments = |extra: &[&'static str]| -> Vec<String> {
        ["enumerate", "wmi/root/hardware/NumericSensor"]
            .iter()
            .chain(&login)
            .chain(extra)
            .map(|word| (*word).to_owned())
            .collect()
    };
    let strict = program::run("winrm", arguments(&[]));
    assert!(!strict.status.success(), "a self-signed certificate is refused unless asked");
    let lax = program::run("winrm", arguments(&["-skipCAcheck", "-skipCNcheck"]));
    assert!(lax.status.success(), "{}", String::from_utf8_lossy(&lax.stderr));
    let count = String::from_utf8_lossy(&lax.stdout).lines().filter(|line| *line == "NumericSensor").count();
    assert!(count >= 30);

    if let Some(python) = peer::python() {
        let port = address.rsplit(':').next().unwrap();
        let uri = format!("{WMI}root/hardware/NumericSensor");
        let output = std::process::Command::new(python).args(["-c", SCRIPT, port, &uri]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), count.to_string());
    }
    drop(daemon);
    let (_daemon, _) = start();
    assert_eq!(certificate(), first);
}
