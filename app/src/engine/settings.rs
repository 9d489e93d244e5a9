//! Reading and changing single settings of a node's three TOML files, for `jmesd config get` and `jmesd config set`.
//! A change keeps comments and order, and is checked against the type of the value it replaces.

use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{bail, Context, Result};
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// One of the files of settings in a node's `config` directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// `config.toml`: the consensus engine.
    Config,
    /// `app.toml`: the application.
    App,
    /// `client.toml`: the command line's defaults.
    Client,
}

impl File {
    /// The file's path under `home`.
    pub fn path(self, home: &Path) -> PathBuf {
        home.join("config").join(self.to_string())
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Config => "config.toml",
            Self::App => "app.toml",
            Self::Client => "client.toml",
        })
    }
}

/// Accepts the name with and without `.toml`.
impl FromStr for File {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match name.strip_suffix(".toml").unwrap_or(name) {
            "config" => Ok(Self::Config),
            "app" => Ok(Self::App),
            "client" => Ok(Self::Client),
            _ => bail!("there is no settings file `{name}`: it is one of config, app, client"),
        }
    }
}

/// The setting `key` (dotted, as `mempool.size`) as TOML without its comment, or the whole table of that name.
///
/// # Errors
/// The file cannot be read, or has no such key; the message then names keys that look like it.
pub fn read(home: &Path, file: File, key: &str) -> Result<String> {
    let document = load(&file.path(home))?;
    let item = find(document.as_item(), key).ok_or_else(|| unknown(&document, key))?;
    Ok(match item {
        Item::Value(value) => plain(value),
        table => table.to_string().trim().to_owned(),
    })
}

/// Changes the setting `key` to `text`: a string may be given without quotes, everything else is written as TOML.
///
/// # Errors
/// The file cannot be read or written, it has no such key, `key` is a table, or `text` is not of the type of the
/// present value (a duration such as `"5s"` must stay a duration).
pub fn set(home: &Path, file: File, key: &str, text: &str) -> Result<()> {
    let path = file.path(home);
    let mut document = load(&path)?;
    let present = match find(document.as_item(), key) {
        None => return Err(unknown(&document, key)),
        Some(Item::Value(value)) => value,
        Some(_) => bail!("`{key}` in {file} is a table: name one of its settings, as in `{key}.name`"),
    };
    let value = parse_like(present, text).with_context(|| format!("cannot set `{key}` in {file}"))?;
    replace(&mut document, key, value)?;
    write(&path, &document)
}

/// Replaces the value of an existing key, keeping the comments around it.
pub(super) fn replace(document: &mut DocumentMut, key: &str, mut value: Value) -> Result<()> {
    let mut item = document.as_item_mut();
    for part in key.split('.') {
        item = item.get_mut(part).with_context(|| format!("there is no setting `{key}`"))?;
    }
    let present = item.as_value_mut().with_context(|| format!("`{key}` is a table"))?;
    *value.decor_mut() = present.decor().clone();
    *present = value;
    Ok(())
}

/// Writes a document in place of `path` in one step, with the same permissions.
pub(super) fn write(path: &Path, document: &DocumentMut) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let temporary = path.with_extension("toml.new");
    let mode = fs::metadata(path).map_or(0o644, |found| found.permissions().mode());
    let mut file = fs::File::create(&temporary).with_context(failed)?;
    file.set_permissions(fs::Permissions::from_mode(mode)).with_context(failed)?;
    file.write_all(document.to_string().as_bytes()).with_context(failed)?;
    file.sync_all().with_context(failed)?;
    fs::rename(&temporary, path).with_context(failed)
}

/// Reads and parses one file.
pub(super) fn load(path: &Path) -> Result<DocumentMut> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read {} (has `jmesd init` been run?)", path.display()))?;
    text.parse().with_context(|| format!("{} is not valid TOML", path.display()))
}

/// The text of a string setting of a document; `None` if it is absent or of another type.
pub(super) fn text<'a>(document: &'a DocumentMut, key: &str) -> Option<&'a str> {
    find(document.as_item(), key)?.as_str()
}

/// A switch of a document; `None` if it is absent or of another type.
pub(super) fn switch(document: &DocumentMut, key: &str) -> Option<bool> {
    find(document.as_item(), key)?.as_bool()
}

fn find<'a>(root: &'a Item, key: &str) -> Option<&'a Item> {
    key.split('.').try_fold(root, |item, part| item.get(part))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().clone(),
        other => other.clone().decorated("", "").to_string(),
    }
}

fn parse_like(present: &Value, text: &str) -> Result<Value> {
    if let Value::String(old) = present {
        let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        if is_duration(old.value()) && !is_duration(text) {
            bail!("`{text}` is not a duration: write it like 5s, 1m30s or 250ms (now: {})", old.value());
        }
        return Ok(text.into());
    }
    let value = text.parse::<Value>().ok().filter(|value| value.type_name() == present.type_name());
    value
        .with_context(|| format!("`{text}` is not of type {} (now: {})", present.type_name(), plain(present)))
}

/// Whether the engine would read `text` as a duration: numbers each followed by a unit, as `1h2m3.5s`.
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 7] = ["ns", "us", "µs", "ms", "s", "m", "h"];
    if text == "0" {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let unit_length = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(unit_length);
        if number.parse::<f64>().is_err() || !UNITS.contains(&unit) {
            return false;
        }
        rest = next;
    }
    !text.is_empty()
}

fn unknown(document: &DocumentMut, key: &str) -> anyhow::Error {
    let mut keys = Vec::new();
    collect(document.as_table(), "", &mut keys);
    let last = key.rsplit('.').next().unwrap_or(key);
    let mut near: Vec<(usize, String)> = keys
        .into_iter()
        .map(|known| {
            let name = known.rsplit('.').next().unwrap_or(&known);
            (distance(key, &known).min(distance(last, name)), known)
        })
        .filter(|(steps, _)| *steps <= 1 + last.len() / 4)
        .collect();
    near.sort();
    let near: Vec<_> = near.into_iter().take(3).map(|(_, known)| known).collect();
    if near.is_empty() {
        anyhow::anyhow!("there is no setting `{key}`")
    } else {
        anyhow::anyhow!("there is no setting `{key}`; did you mean {}?", near.join(" or "))
    }
}

fn collect(table: &dyn TableLike, prefix: &str, keys: &mut Vec<String>) {
    for (name, item) in table.iter() {
        let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        match item.as_table_like() {
            Some(inner) => collect(inner, &key, keys),
            None => keys.push(key),
        }
    }
}

/// The number of insertions, deletions and replacements that turn one text into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
