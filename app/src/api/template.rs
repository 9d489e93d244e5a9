//! Path templates of `google.api.http`, such as `/cosmos/bank/v1beta1/balances/{address}` or
//! `/cosmos/bank/v1beta1/denoms_metadata/{denom=**}`.

use std::ops::Range;

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What each segment of a path must be.
    pub segments: Vec<Segment>,
    /// Which segments make up which request field.
    pub variables: Vec<Variable>,
}

/// What one segment of a path must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Literal(String),
    /// Anything, without slashes.
    One,
    /// Anything, slashes included; the last segment.
    Rest,
}

/// A part of the path that becomes a field of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The field's name, with dots between the names of nested fields.
    pub field: String,
    /// The segments it covers. If the last of them is [`Segment::Rest`], it covers all that follow, too.
    pub segments: Range<usize>,
}

/// Parses a template. `None` if it isn't one, or uses a verb (`:verb`), which no Cosmos API does.
pub fn parse(text: &str) -> Option<Template> {
    let mut template = Template { segments: Vec::new(), variables: Vec::new() };
    let mut rest = text.strip_prefix('/')?;
    loop {
        match rest.strip_prefix('{') {
            Some(inner) => {
                let (variable, after) = inner.split_once('}')?;
                let (field, pattern) = variable.split_once('=').unwrap_or((variable, "*"));
                let start = template.segments.len();
                for part in pattern.split('/') {
                    template.segments.push(segment(part)?);
                }
                let segments = start..template.segments.len();
                template.variables.push(Variable { field: field.to_owned(), segments });
                rest = after;
            }
            None => {
                let end = rest.find('/').unwrap_or(rest.len());
                template.segments.push(segment(&rest[..end])?);
                rest = &rest[end..];
            }
        }
        match rest.strip_prefix('/') {
            Some(next) => rest = next,
            None if rest.is_empty() => break,
            None => return None,
        }
    }
    let rest_at = template.segments.iter().position(|s| *s == Segment::Rest);
    rest_at.is_none_or(|at| at + 1 == template.segments.len()).then_some(template)
}

fn segment(text: &str) -> Option<Segment> {
    match text {
        "*" => Some(Segment::One),
        "**" => Some(Segment::Rest),
        "" => None,
        _ if text.contains(['{', '}', ':', '*']) => None,
        _ => Some(Segment::Literal(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Segment {
        Segment::Literal(text.to_owned())
    }

    fn variable(field: &str, segments: Range<usize>) -> Variable {
        Variable { field: field.to_owned(), segments }
    }

    #[test]
    fn variables_cover_their_segments() {
        let template = parse("/a/{b}/c/{d.e}").unwrap();
        assert_eq!(template.segments, [literal("a"), Segment::One, literal("c"), Segment::One]);
        assert_eq!(template.variables, [variable("b", 1..2), variable("d.e", 3..4)]);

        let template = parse("/a/{b=x/*/**}").unwrap();
        assert_eq!(template.segments, [literal("a"), literal("x"), Segment::One, Segment::Rest]);
        assert_eq!(template.variables, [variable("b", 1..4)]);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", "a", "/", "/a//b", "/{a", "/{a}b", "/{a=**}/b", "/a:verb", "/a/{b=}"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
