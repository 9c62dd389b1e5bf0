//! Carries out an operation against a service.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context as _, bail};
use wsman::client::{Body, Client, ClientConfig, Credentials, Endpoint, Enumerate, Resource, Tls};
use wsman::file;
use wsman::filter::{ASSOCIATION, SELECTOR, WQL};
use wsman::ns;
use wsman::soap::{Charset, Element, Node, XmlWriter};

use crate::cli::{Arguments, Authentication, Format, Input, Operation, ReturnType, Switches};
use crate::hash::{self, Given};
use crate::output;
use crate::resource;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { operation, switches } = arguments;
    let mut client = Client::new(config(&switches, &operation)?)?;
    let parse = |text: &str| -> anyhow::Result<Resource> {
        let mut resource = resource::parse(text)?;
        if let Some(options) = &switches.options {
            resource.options = texts(options)?;
        }
        resource.fragment.clone_from(&switches.fragment);
        Ok(resource)
    };
    match &operation {
        Operation::Identify => print_one(&client.identify().await?, switches.format),
        Operation::Get(target) => print_one(&client.get(&parse(&target.resource)?).await?, switches.format),
        Operation::Delete(target) => Ok(client.delete(&parse(&target.resource)?).await?),
        Operation::Create(input) => {
            let resource = parse(&input.target.resource)?;
            let root = resource::class_of(&resource.uri).to_owned();
            let body = body(&switches, input, &root, &resource.uri)?;
            print_one(&client.create(&resource, &body).await?, switches.format)
        }
        Operation::Invoke { action, input } => {
            let resource = parse(&input.target.resource)?;
            let root = format!("{}_INPUT", resource::class_of(action));
            let body = body(&switches, input, &root, &resource.uri)?;
            print_one(&client.invoke(&resource, &resource::expand(action), &body).await?, switches.format)
        }
        Operation::Set(input) => {
            let resource = parse(&input.target.resource)?;
            let body = match (&switches.file, &switches.fragment) {
                (Some(_), _) => body(&switches, input, "", &resource.uri)?,
                (None, Some(_)) => fragment_body(input, &resource.uri)?,
                (None, None) => merged(client.get(&resource).await?, input)?,
            };
            match client.put(&resource, &body).await? {
                Some(element) => print_one(&element, switches.format),
                None => Ok(()),
            }
        }
        Operation::Enumerate(target) => {
            let resource = parse(&target.resource)?;
            let request = enumeration(&switches, &resource)?;
            let mut printer = Printer::new(switches.format);
            client.enumerate(&resource, &request, |item| printer.print(&item)).await?;
            printer.end()
        }
        Operation::Helpmsg { .. } | Operation::Man | Operation::Completions { .. } => Ok(()),
    }
}

/// The connection the switches ask for; nothing goes unencrypted without being allowed to.
fn config(switches: &Switches, operation: &Operation) -> anyhow::Result<ClientConfig> {
    let tls = Tls { skip_ca_check: switches.skipcacheck, skip_cn_check: switches.skipcncheck };
    let endpoint = Endpoint::parse(&switches.remote, switches.usessl, tls)
        .with_context(|| format!("-remote: expected [transport://]host[:port][/path], found {}", switches.remote))?;
    let identify = matches!(operation, Operation::Identify);
    let credentials = match (switches.authentication, &switches.username) {
        (Some(Authentication::None), _) if identify => None,
        (Some(Authentication::None), _) => bail!("-authentication:none is for identify only"),
        (None, None) if identify => None,
        (Some(Authentication::Basic), None) => bail!("-authentication:basic needs -username and -password"),
        (None, None) => {
            bail!("Kerberos, the default, is not built in: use -username and -password for basic authentication")
        }
        (None | Some(Authentication::Basic), Some(user)) => {
            if endpoint.tls.is_none() && !switches.unencrypted {
                bail!(
                    "basic authentication would send the password to {} unencrypted: use -usessl, or allow it with -unencrypted",
                    endpoint.authority()
                );
            }
            let password = switches.password.clone().context("no password: use WINRM_PASSWORD or -password")?;
            Some(Credentials { user: user.clone(), password: password.0 })
        }
        (Some(other), _) => bail!("-authentication:{other:?} is not built in: use basic"),
    };
    if switches.certificate.is_some() {
        bail!("-certificate is not built in");
    }
    let charset = match switches.encoding.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Charset::Utf8,
        "utf-16" | "utf16" => Charset::Utf16,
        other => bail!("-encoding: expected utf-8 or utf-16, found {other}"),
    };
    let timeout = Duration::from_millis(switches.timeout);
    Ok(ClientConfig { credentials, charset, timeout, ..ClientConfig::new(endpoint) })
}

/// The body from a file or from `@{...}`.
fn body(switches: &Switches, input: &Input, root: &str, uri: &str) -> anyhow::Result<Body> {
    if let Some(path) = &switches.file {
        let text = file::read_text(path, file::MAX_DOCUMENT).with_context(|| format!("{}", path.display()))?;
        let element = wsman::soap::parse(text.trim_start_matches('\u{FEFF}').trim())
            .with_context(|| format!("{}", path.display()))?;
        return Ok(Body::Xml(element.to_xml()));
    }
    let values = input.values.as_deref().map_or_else(|| Ok(Vec::new()), hash::parse)?;
    let mut xml = XmlWriter::new();
    xml.start_in("p", root).declare("p", uri).declare("xsi", ns::XSI.uri);
    write_values(&mut xml, &values)?;
    xml.end_in("p", root);
    Ok(Body::Xml(xml.finish()))
}

/// The new value of the part that is set.
fn fragment_body(input: &Input, uri: &str) -> anyhow::Result<Body> {
    let values = input.values.as_deref().context("what to set is missing: @{Name=\"value\"}")?;
    let mut xml = XmlWriter::new();
    xml.start("w:XmlFragment").declare("p", uri).declare("xsi", ns::XSI.uri);
    write_values(&mut xml, &hash::parse(values)?)?;
    xml.end("w:XmlFragment");
    Ok(Body::Xml(xml.finish()))
}

fn write_values(xml: &mut XmlWriter, values: &[(String, Given)]) -> anyhow::Result<()> {
    for (name, value) in values {
        check_name(name)?;
        match value {
            Given::Null => {
                xml.start_in("p", name).attribute("xsi:nil", "true").end_empty();
            }
            Given::Text(text) => {
                xml.start_in("p", name).text(text).end_in("p", name);
            }
            Given::List(items) => items.iter().for_each(|item| {
                xml.start_in("p", name).text(item).end_in("p", name);
            }),
        }
    }
    Ok(())
}

/// Names become element names: nothing else may.
fn check_name(name: &str) -> anyhow::Result<()> {
    let sound = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_alphanumeric() || character == '_');
    if sound { Ok(()) } else { bail!("{name:?} is not a property or parameter name") }
}

/// What Get returned with the given values in it.
fn merged(mut element: Element, input: &Input) -> anyhow::Result<Body> {
    let values = input.values.as_deref().context("what to set is missing: @{Name=\"value\"}")?;
    for (name, value) in hash::parse(values)? {
        check_name(&name)?;
        let is_it = |node: &Node| matches!(node, Node::Element(child) if child.name.eq_ignore_ascii_case(&name));
        let old = element.nodes.iter().find(|node| is_it(node)).cloned();
        let at = element.nodes.iter().position(is_it).unwrap_or(element.nodes.len());
        let mut template = match old {
            Some(Node::Element(child)) => child,
            _ => Element {
                namespace: element.namespace.clone(),
                name: name.as_str().into(),
                attributes: Vec::new(),
                nodes: Vec::new(),
            },
        };
        template.attributes.clear();
        let with = |text: &str| {
            let mut child = template.clone();
            child.nodes = vec![Node::Text(text.to_owned())];
            Node::Element(child)
        };
        let new: Vec<Node> = match &value {
            Given::Text(text) => vec![with(text)],
            Given::List(items) => items.iter().map(|item| with(item)).collect(),
            Given::Null => {
                let nil =
                    wsman::soap::Attribute { namespace: ns::XSI.uri.into(), name: "nil".into(), value: "true".into() };
                vec![Node::Element(Element { attributes: vec![nil], nodes: Vec::new(), ..template.clone() })]
            }
        };
        element.nodes.retain(|node| !is_it(node));
        let at = at.min(element.nodes.len());
        element.nodes.splice(at..at, new);
    }
    Ok(Body::Xml(element.to_xml()))
}

fn texts(text: &str) -> anyhow::Result<Vec<(String, String)>> {
    let values = hash::parse(text)?.into_iter();
    values
        .map(|(name, value)| match value {
            Given::Text(text) => Ok((name, text)),
            Given::Null => Ok((name, String::new())),
            Given::List(_) => bail!("{name} takes one value"),
        })
        .collect()
}

fn enumeration(switches: &Switches, resource: &Resource) -> anyhow::Result<Enumerate> {
    let filter = switches.filter.as_deref().map(|filter| self::filter(switches, filter, resource)).transpose()?;
    let mode = match switches.returntype {
        ReturnType::Object => None,
        ReturnType::Epr => Some("EnumerateEPR".to_owned()),
        ReturnType::Objectandepr => Some("EnumerateObjectAndEPR".to_owned()),
    };
    let polymorphism = match (switches.shallow, switches.basepropertiesonly) {
        (true, true) => bail!("-shallow and -basepropertiesonly exclude each other"),
        (true, false) => Some("None".to_owned()),
        (false, true) => Some("ExcludeSubClassProperties".to_owned()),
        (false, false) => None,
    };
    Ok(Enumerate { filter, mode, polymorphism })
}

/// Dialect URI and content of the filter.
fn filter(switches: &Switches, filter: &str, resource: &Resource) -> anyhow::Result<(String, String)> {
    let dialect = switches.dialect.as_deref().unwrap_or("wql");
    let is = |short: &str, uri: &str| dialect.eq_ignore_ascii_case(short) || dialect.eq_ignore_ascii_case(uri);
    let mut xml = XmlWriter::new();
    if is("selector", SELECTOR) {
        xml.start("w:SelectorSet");
        for (name, value) in texts(filter)? {
            xml.start("w:Selector").attribute("Name", &name).text(&value).end("w:Selector");
        }
        xml.end("w:SelectorSet");
        return Ok((SELECTOR.to_owned(), xml.finish()));
    }
    if is("association", ASSOCIATION) {
        let values = texts(filter)?;
        let of = |name: &str| values.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let object = of("Object").context("an association filter needs Object=CLASS?KEY=VALUE")?;
        let root = if switches.associations { "b:AssociationInstances" } else { "b:AssociatedInstances" };
        xml.start(root).start("b:Object");
        let mut target = resource::parse(object)?;
        // A bare class is one of the namespace that is enumerated.
        if !target.uri.contains("://") {
            let namespace = resource.uri.trim_end_matches(resource::class_of(&resource.uri));
            target.uri = format!("{namespace}{}", target.uri);
        }
        xml.element("a:Address", ns::ANONYMOUS).start("a:ReferenceParameters").element("w:ResourceURI", &target.uri);
        xml.start("w:SelectorSet");
        for (name, value) in &target.selectors {
            xml.start("w:Selector").attribute("Name", name).text(value).end("w:Selector");
        }
        xml.end("w:SelectorSet").end("a:ReferenceParameters").end("b:Object");
        for name in ["AssociationClassName", "Role", "ResultClassName", "ResultRole"] {
            if let Some(value) = of(name) {
                xml.start_in("b", name).text(value).end_in("b", name);
            }
        }
        xml.end(root);
        return Ok((ASSOCIATION.to_owned(), xml.finish()));
    }
    xml.text(filter);
    let uri = if is("wql", WQL) { WQL } else { dialect };
    Ok((uri.to_owned(), xml.finish()))
}

fn print_one(element: &Element, format: Format) -> anyhow::Result<()> {
    let text = match format {
        Format::Text => output::text(element),
        Format::Xml => element.to_xml() + "\n",
        Format::Pretty => element.to_pretty_xml() + "\n",
        Format::Json => serde_json::to_string_pretty(&output::json(element))? + "\n",
    };
    io::stdout().write_all(output::printable(&text).as_bytes())?;
    Ok(())
}

/// Prints items as they come.
struct Printer {
    format: Format,
    count: usize,
    error: Option<anyhow::Error>,
}

impl Printer {
    fn new(format: Format) -> Self {
        Self { format, count: 0, error: None }
    }

    fn print(&mut self, item: &Element) {
        if self.error.is_none() {
            self.error = self.try_print(item).err();
            self.count += 1;
        }
    }

    fn try_print(&self, item: &Element) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        let first = self.count == 0;
        match self.format {
            Format::Json => {
                let before = if first { "[\n" } else { ",\n" };
                write!(out, "{before}{}", output::printable(&serde_json::to_string(&output::json(item))?))?;
            }
            Format::Xml => writeln!(out, "{}", output::printable(&item.to_xml()))?,
            Format::Text | Format::Pretty => {
                if !first {
                    writeln!(out)?;
                }
                drop(out);
                print_one(item, self.format)?;
            }
        }
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        match self.error {
            Some(error) => Err(error),
            None if self.format == Format::Json => {
                let end = if self.count == 0 { "[]" } else { "\n]" };
                Ok(writeln!(io::stdout(), "{end}")?)
            }
            None => Ok(()),
        }
    }
}
