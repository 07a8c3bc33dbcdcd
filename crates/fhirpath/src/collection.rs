//! What an evaluation answers: a list of nodes and computed values.

use std::ops::Deref;

use compact_str::CompactString;
use smallvec::SmallVec;

use crate::node::Node;
use crate::value::Value;

/// An item of a collection.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// Something in a resource.
    Node(Node<'a>),
    /// Something computed.
    Value(Value),
}

impl<'a> Item<'a> {
    /// The node, if this is one.
    pub fn as_node(&self) -> Option<Node<'a>> {
        match self {
            Item::Node(node) => Some(*node),
            Item::Value(_) => None,
        }
    }
}

impl<'a> From<Node<'a>> for Item<'a> {
    fn from(node: Node<'a>) -> Item<'a> {
        Item::Node(node)
    }
}

impl From<Value> for Item<'_> {
    fn from(value: Value) -> Self {
        Item::Value(value)
    }
}

/// An ordered list of items, a few of which need no allocation.
#[derive(Debug, Clone, Default)]
pub struct Collection<'a> {
    items: SmallVec<[Item<'a>; 2]>,
}

impl<'a> Collection<'a> {
    /// A collection without items.
    pub fn new() -> Collection<'a> {
        Collection { items: SmallVec::new() }
    }

    /// A collection of one item.
    pub fn one(item: impl Into<Item<'a>>) -> Collection<'a> {
        let mut collection = Collection::new();
        collection.push(item.into());
        collection
    }

    pub(crate) fn boolean(value: bool) -> Collection<'a> {
        Collection::one(Value::Boolean(value))
    }

    pub(crate) fn string(text: impl Into<CompactString>) -> Collection<'a> {
        Collection::one(Value::String(text.into()))
    }

    /// A count; no collection is ever so long that it wouldn't fit.
    pub(crate) fn count(count: usize) -> Collection<'a> {
        Collection::one(Value::Integer(i32::try_from(count).unwrap_or(i32::MAX)))
    }

    pub(crate) fn push(&mut self, item: Item<'a>) {
        self.items.push(item);
    }

    pub(crate) fn extend(&mut self, items: impl IntoIterator<Item = Item<'a>>) {
        self.items.extend(items);
    }

    pub(crate) fn retain(&mut self, mut keeps: impl FnMut(&Item<'a>) -> bool) {
        self.items.retain(|item| keeps(item));
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.items.truncate(length);
    }

    /// The nodes among the items.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'a>> {
        self.items.iter().filter_map(Item::as_node)
    }

    /// Whether this is a single `true`, as an invariant or a filter asks.
    pub fn is_true(&self) -> bool {
        match self.items.as_slice() {
            [Item::Value(Value::Boolean(value))] => *value,
            [Item::Node(node)] => node.json.and_then(|json| json.as_bool()) == Some(true),
            _ => false,
        }
    }
}

impl<'a> Deref for Collection<'a> {
    type Target = [Item<'a>];

    fn deref(&self) -> &[Item<'a>] {
        &self.items
    }
}

impl<'a> FromIterator<Item<'a>> for Collection<'a> {
    fn from_iter<I: IntoIterator<Item = Item<'a>>>(items: I) -> Self {
        Collection { items: items.into_iter().collect() }
    }
}

impl<'a> IntoIterator for Collection<'a> {
    type Item = Item<'a>;
    type IntoIter = smallvec::IntoIter<[Item<'a>; 2]>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, 'c> IntoIterator for &'c Collection<'a> {
    type Item = &'c Item<'a>;
    type IntoIter = std::slice::Iter<'c, Item<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}
