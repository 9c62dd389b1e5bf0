//! The sample data set, from MOF and from a provider that counts what it reads.

use std::sync::{Arc, Mutex};

use cim::provider::Sink;
use cim::{
    Access, Broker, CimError, Class, EnumerateRequest, Identity, Instance, MethodOutput, ObjectPath, OperationContext,
    PropertySet, Provider, Repository, Slot, Status, Value,
};

pub(crate) const NAMESPACE: &str = "root/test";
pub(crate) const MOF: &str = include_str!("sample.mof");

/// Everything served from MOF instances.
pub(crate) fn from_mof() -> Broker {
    Broker::new(repository(MOF))
}

/// The same rows from a provider.
pub(crate) fn from_provider() -> (Broker, Arc<Counting>) {
    let (classes, _) = MOF.split_once("instance of").unwrap();
    let mut broker = Broker::new(repository(classes));
    let provider = Arc::new(Counting::new(&repository(MOF)));
    broker.register(provider.clone()).unwrap();
    (broker, provider)
}

pub(crate) fn repository(text: &str) -> Repository {
    let mut repository = Repository::default();
    repository.load_mof(NAMESPACE, "sample.mof", text).unwrap();
    repository
}

pub(crate) fn context(access: Access) -> OperationContext {
    OperationContext { identity: Identity { user: "tester".into(), access }, deadline: None }
}

/// The short name that the vectors use for a row.
pub(crate) fn label(instance: &Instance) -> String {
    let id = |value: &Value| match value {
        Value::Reference(path) => path.key("Id").unwrap().to_string(),
        other => other.to_string(),
    };
    if !instance.class().is_a("T_Link") {
        return id(instance.get("Id").unwrap());
    }
    let ends = (id(instance.get("Owner").unwrap()), id(instance.get("Part").unwrap()));
    let links = [("x1", "d1"), ("x1", "d2"), ("x1", "s1"), ("x2", "s1"), ("x2", "b1")];
    let index = links.iter().position(|(owner, part)| ends == (owner.to_string(), part.to_string()));
    format!("L{}", index.unwrap() + 1)
}

/// Serves the sample rows. `Temp` costs a read: it is filled only for rows that can still match, and only when wanted.
pub(crate) struct Counting {
    instances: Mutex<Vec<Instance>>,
    names: Vec<String>,
    reads: Mutex<Vec<String>>,
}

impl Counting {
    fn new(source: &Repository) -> Self {
        let classes = source.classes(NAMESPACE).unwrap();
        let instances = classes.iter().flat_map(|class| source.static_instances(class).to_vec()).collect();
        let names = classes.iter().map(|class| class.name.to_string()).collect();
        Self { instances: Mutex::new(instances), names, reads: Mutex::default() }
    }

    /// Which rows had their `Temp` read since the last call, sorted.
    pub(crate) fn reads(&self) -> Vec<String> {
        let mut reads = std::mem::take(&mut *self.reads.lock().unwrap());
        reads.sort();
        reads
    }

    /// The rows of a class, moved over to the broker's own declaration of it.
    fn rows(&self, class: &Arc<Class>) -> Vec<Instance> {
        let instances = self.instances.lock().unwrap();
        let same = instances.iter().filter(|instance| instance.class().name == class.name);
        same.map(|instance| {
            let mut copy = Instance::new(class.clone());
            for (index, value) in instance.values().iter().enumerate() {
                copy.put(Slot(index), value.clone());
            }
            copy
        })
        .collect()
    }
}

impl Provider for Counting {
    fn classes(&self) -> Vec<(&str, &str)> {
        self.names.iter().map(|name| (NAMESPACE, name.as_str())).collect()
    }

    fn enumerate(
        &self,
        _context: &OperationContext,
        request: &EnumerateRequest<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), CimError> {
        let temp = request.class.slot("Temp");
        for full in self.rows(request.class) {
            let mut row = full.clone();
            row.retain(|slot| Some(slot) != temp);
            let known = (0..row.values().len()).map(Slot).filter(|slot| Some(*slot) != temp).collect::<PropertySet>();
            if !request.may_match(&row, &known) {
                continue;
            }
            if let Some(temp) = temp.filter(|temp| request.wants(*temp)) {
                self.reads.lock().unwrap().push(label(&full));
                row.put(temp, full.value(temp).clone());
            }
            if sink(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn get(
        &self,
        _context: &OperationContext,
        class: &Arc<Class>,
        path: &ObjectPath,
        wanted: &PropertySet,
    ) -> Result<Instance, CimError> {
        let mut found = self
            .rows(class)
            .into_iter()
            .find(|row| row.path().same_keys(path))
            .ok_or_else(|| CimError::new(Status::NotFound, path.to_string()))?;
        found.retain(|slot| wanted.contains(slot));
        Ok(found)
    }

    fn modify(&self, _context: &OperationContext, instance: &Instance, changed: &PropertySet) -> Result<(), CimError> {
        for row in self.instances.lock().unwrap().iter_mut() {
            if row.path().same_object(&instance.path()) {
                for index in 0..row.values().len() {
                    if changed.contains(Slot(index)) {
                        row.put(Slot(index), instance.value(Slot(index)).clone());
                    }
                }
            }
        }
        Ok(())
    }

    fn create(&self, _context: &OperationContext, instance: &Instance) -> Result<ObjectPath, CimError> {
        self.instances.lock().unwrap().push(instance.clone());
        Ok(instance.path())
    }

    fn delete(&self, _context: &OperationContext, _class: &Arc<Class>, path: &ObjectPath) -> Result<(), CimError> {
        self.instances.lock().unwrap().retain(|row| !row.path().same_object(path));
        Ok(())
    }

    fn invoke(
        &self,
        _context: &OperationContext,
        class: &Arc<Class>,
        path: &ObjectPath,
        method: &str,
        inputs: &[Value],
    ) -> Result<MethodOutput, CimError> {
        let result = Value::from(format!("{} {method} {path} {}", class.name, Value::Array(inputs.into())));
        Ok(MethodOutput { result, parameters: vec![("Done".into(), true.into())] })
    }
}
