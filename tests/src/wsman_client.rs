//! pywinrm, pypsrp and our own `winrm` against a running `cimd`, as functions that return JSON.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Start of every WMI resource URI.
pub const WMI: &str = "http://schemas.microsoft.com/wbem/wsman/1/wmi/";

/// Where a server listens.
#[derive(Debug, Clone)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: String,
}

impl Server {
    /// Takes `http://host:port/...` apart.
    ///
    /// # Panics
    /// When the URL has another form.
    pub fn from_url(url: &str) -> Self {
        let authority = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
        let (host, port) = authority.rsplit_once(':').unwrap();
        Self { host: host.to_owned(), port: port.to_owned() }
    }

    /// Runs one operation of `tests/python/clients.py` as admin:admin.
    ///
    /// # Panics
    /// When the client fails in any other way than by a fault of the server.
    pub fn python(&self, python: &PathBuf, client: &str, arguments: &[&str]) -> Value {
        let script = crate::program::workspace().join("tests/python/clients.py");
        let output = Command::new(python)
            .arg(script)
            .args([client, &self.host, &self.port, "admin", "admin"])
            .args(arguments)
            .output()
            .expect("python starts");
        assert!(output.status.success(), "{client} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// Runs `winrm` with Basic authentication.
    pub fn winrm(&self, arguments: &[&str]) -> std::process::Output {
        let remote = format!("-r:http://{}:{}", self.host, self.port);
        let all: Vec<&str> =
            arguments.iter().copied().chain([&*remote, "-u:admin", "-p:admin", "-a:basic", "-un"]).collect();
        crate::program::run("winrm", all)
    }
}

/// The texts of one property of every row.
///
/// # Panics
/// When the rows are a fault or lack the property.
pub fn column(rows: &Value, property: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap_or_else(|| panic!("no rows: {rows}"));
    rows.iter().map(|row| row[property].as_str().unwrap_or_else(|| panic!("no {property}: {row}")).to_owned()).collect()
}
