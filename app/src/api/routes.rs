//! Finding the endpoint of a REST path: a tree of segments, walked once per request.

use super::template::{Segment, Template};

/// Longest path answered, in segments.
pub const MAX_SEGMENTS: usize = 32;

/// A path's segments, percent-encoded as they came.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    segments: [&'a str; MAX_SEGMENTS],
    length: usize,
}

impl<'a> Path<'a> {
    /// Splits a path. `None` if it doesn't begin with a slash or has more than [`MAX_SEGMENTS`].
    pub fn split(path: &'a str) -> Option<Self> {
        let mut split = Path { segments: [""; MAX_SEGMENTS], length: 0 };
        for segment in path.strip_prefix('/')?.split('/') {
            *split.segments.get_mut(split.length)? = segment;
            split.length += 1;
        }
        Some(split)
    }

    /// The segments.
    pub fn segments(&self) -> &[&'a str] {
        &self.segments[..self.length]
    }
}

/// A tree of path templates with a value at each.
#[derive(Debug)]
pub struct Routes<T> {
    nodes: Vec<Node<T>>,
}

#[derive(Debug)]
struct Node<T> {
    /// Sorted by text.
    literals: Vec<(String, usize)>,
    one: Option<usize>,
    value: Option<T>,
    /// The value of a template that ends here with `**`.
    rest: Option<T>,
}

impl<T> Node<T> {
    fn new() -> Self {
        Self { literals: Vec::new(), one: None, value: None, rest: None }
    }
}

impl<T> Routes<T> {
    /// No routes.
    pub fn new() -> Self {
        Self { nodes: vec![Node::new()] }
    }

    /// The place of a template's value, to be filled in.
    pub fn entry(&mut self, template: &Template) -> &mut Option<T> {
        let mut at = 0;
        for segment in &template.segments {
            at = match segment {
                Segment::Literal(text) => {
                    match self.nodes[at].literals.binary_search_by(|(known, _)| known.as_str().cmp(text)) {
                        Ok(index) => self.nodes[at].literals[index].1,
                        Err(index) => {
                            let next = self.push();
                            self.nodes[at].literals.insert(index, (text.clone(), next));
                            next
                        }
                    }
                }
                Segment::One => match self.nodes[at].one {
                    Some(next) => next,
                    None => {
                        let next = self.push();
                        self.nodes[at].one = Some(next);
                        next
                    }
                },
                Segment::Rest => return &mut self.nodes[at].rest,
            };
        }
        &mut self.nodes[at].value
    }

    /// The value of the template that a path matches: literal segments before wildcards, wildcards before `**`.
    pub fn find(&self, path: &Path<'_>) -> Option<&T> {
        self.walk(0, path.segments())
    }

    /// The depth of the recursion is that of the deepest template.
    fn walk(&self, at: usize, segments: &[&str]) -> Option<&T> {
        let node = &self.nodes[at];
        let Some((first, others)) = segments.split_first() else {
            return node.value.as_ref();
        };
        let literal = node
            .literals
            .binary_search_by(|(known, _)| known.as_str().cmp(first))
            .ok()
            .and_then(|index| self.walk(node.literals[index].1, others));
        literal.or_else(|| node.one.and_then(|next| self.walk(next, others))).or(node.rest.as_ref())
    }

    fn push(&mut self) -> usize {
        self.nodes.push(Node::new());
        self.nodes.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::{super::template::parse, *};

    fn routes(templates: &[&'static str]) -> Routes<&'static str> {
        let mut routes = Routes::new();
        for template in templates {
            *routes.entry(&parse(template).unwrap()) = Some(*template);
        }
        routes
    }

    fn find(routes: &Routes<&'static str>, path: &str) -> Option<&'static str> {
        Path::split(path).and_then(|path| routes.find(&path).copied())
    }

    #[test]
    fn literals_win_over_wildcards_whatever_the_order() {
        let mut templates = ["/b/{height}", "/b/latest", "/b/{a}/by", "/b/{rest=**}"];
        for _ in 0..templates.len() {
            templates.rotate_left(1);
            let routes = routes(&templates);
            assert_eq!(find(&routes, "/b/latest"), Some("/b/latest"));
            assert_eq!(find(&routes, "/b/7"), Some("/b/{height}"));
            assert_eq!(find(&routes, "/b/latest/by"), Some("/b/{a}/by"));
            assert_eq!(find(&routes, "/b/latest/at"), Some("/b/{rest=**}"));
            assert_eq!(find(&routes, "/b/x/y/z"), Some("/b/{rest=**}"));
            assert_eq!(find(&routes, "/b"), None);
            assert_eq!(find(&routes, "/c"), None);
        }
    }

    #[test]
    fn an_empty_segment_is_an_empty_value() {
        let routes = routes(&["/a/{b}"]);
        assert_eq!(find(&routes, "/a/"), Some("/a/{b}"));
        assert_eq!(find(&routes, "/a"), None);
        assert_eq!(find(&routes, ""), None);
    }

    #[test]
    fn paths_of_many_segments_match_nothing() {
        let routes = routes(&["/{rest=**}"]);
        assert!(find(&routes, &"/a".repeat(MAX_SEGMENTS)).is_some());
        assert!(find(&routes, &"/a".repeat(MAX_SEGMENTS + 1)).is_none());
    }
}
