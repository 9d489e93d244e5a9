//! Results as text for people, made from the same JSON that programs get: aligned fields, lists of alike objects as tables,
//! coins in JMES as well as Nils.

use std::fmt::{self, Write as _};

use anyhow::{Context, Result};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::amount::describe_coins;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text for people
    Text,
    /// JSON on one line
    Json,
}

const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";
const INDENT: usize = 2;
const COLUMN_GAP: usize = 2;

/// Renders JSON as text.
///
/// # Errors
/// `json` is not JSON.
pub fn render(json: &str, colour: bool) -> Result<String> {
    let node: Node = serde_json::from_str(json).context("cannot read the result: it is not JSON")?;
    let mut page = Page { text: String::new(), colour };
    page.node(&node, 0);
    Ok(page.text)
}

/// JSON with its fields in their order; numbers and truth values are texts.
#[derive(Clone, Debug)]
pub enum Node {
    /// A text, a number, a truth value or nothing.
    Scalar(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Fields(Vec<(String, Self)>),
}

impl Node {
    /// The text of what fits on one line: a scalar, a coin, coins, or nothing.
    fn line(&self) -> Option<String> {
        match self {
            Self::Scalar(text) => Some(text.clone()),
            Self::List(list) if list.is_empty() => Some("none".into()),
            Self::List(list) => {
                let coins: Option<Vec<Coin>> = list.iter().map(Self::coin).collect();
                coins.map(|coins| describe_coins(&coins))
            }
            Self::Fields(fields) if fields.is_empty() => Some("none".into()),
            Self::Fields(_) => self.coin().map(|coin| describe_coins(&[coin])),
        }
    }

    fn coin(&self) -> Option<Coin> {
        let Self::Fields(fields) = self else { return None };
        match fields.as_slice() {
            [(first, Self::Scalar(denom)), (second, Self::Scalar(amount))]
                if first == "denom" && second == "amount" =>
            {
                Some(Coin { denom: denom.clone(), amount: amount.clone() })
            }
            _ => None,
        }
    }

    /// The cells of a table's row, when every field fits on one line.
    fn row(&self) -> Option<(Vec<&str>, Vec<String>)> {
        let Self::Fields(fields) = self else { return None };
        let cells: Option<Vec<String>> = fields.iter().map(|(_, node)| node.line()).collect();
        Some((fields.iter().map(|(name, _)| name.as_str()).collect(), cells?))
    }
}

struct Page {
    text: String,
    colour: bool,
}

impl Page {
    fn node(&mut self, node: &Node, depth: usize) {
        if let Some(line) = node.line() {
            self.line(&line, depth);
            return;
        }
        match node {
            Node::Scalar(_) => {}
            Node::Fields(fields) => self.fields(fields, depth),
            Node::List(list) => match table(list) {
                Some(rows) => self.table(&rows, depth),
                None => self.list(list, depth),
            },
        }
    }

    fn line(&mut self, line: &str, depth: usize) {
        for part in line.split('\n') {
            let _ = writeln!(self.text, "{:depth$}{}", "", printable(part));
        }
    }

    /// A line for each field; what is an empty text is left out.
    fn fields(&mut self, fields: &[(String, Node)], depth: usize) {
        let filled =
            || fields.iter().filter(|(_, node)| !matches!(node, Node::Scalar(text) if text.is_empty()));
        let lines = filled().filter(|(_, node)| node.line().is_some());
        let width = lines.map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, node) in filled() {
            let name = printable(name);
            let label = self.bold(&name);
            match node.line() {
                Some(line) => {
                    let pad = width.saturating_sub(name.chars().count());
                    let line = printable(&line);
                    let _ = writeln!(self.text, "{:depth$}{label}:{:pad$} {line}", "", "");
                }
                None => {
                    let _ = writeln!(self.text, "{:depth$}{label}:", "");
                    self.node(node, depth + INDENT);
                }
            }
        }
    }

    fn list(&mut self, list: &[Node], depth: usize) {
        for (index, node) in list.iter().enumerate() {
            if index > 0 && node.line().is_none() {
                self.text.push('\n');
            }
            self.node(node, depth);
        }
    }

    fn table(&mut self, rows: &[Vec<String>], depth: usize) {
        let columns = rows.first().map_or(0, Vec::len);
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (index, row) in rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let pad = width - cell.chars().count() + COLUMN_GAP;
                let _ = write!(line, "{cell}{:pad$}", "");
            }
            let line = line.trim_end();
            let line = if index == 0 { self.bold(line) } else { line.to_owned() };
            let _ = writeln!(self.text, "{:depth$}{line}", "");
        }
    }

    fn bold(&self, text: &str) -> String {
        if self.colour {
            format!("{BOLD}{text}{RESET}")
        } else {
            text.to_owned()
        }
    }
}

/// A heading and rows, when all objects of the list have the same fields and each fits on a line.
fn table(list: &[Node]) -> Option<Vec<Vec<String>>> {
    let (names, _) = list.first()?.row()?;
    let mut rows = vec![names.iter().map(|name| printable(&name.to_uppercase())).collect()];
    for node in list {
        let (row_names, cells) = node.row()?;
        if row_names != names {
            return None;
        }
        rows.push(cells.iter().map(|cell| printable(cell)).collect());
    }
    Some(rows)
}

/// Text from the chain with its control characters escaped: it must not steer the terminal.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list),
            Self::Fields(fields) => serializer.collect_map(fields.iter().map(|(name, node)| (name, node))),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar("none".into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = sequence.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Node::Fields(fields))
    }
}

#[cfg(test)]
mod tests;
