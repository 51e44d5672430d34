//! All mutants in one source: `fn f() { if crate::mutant(17) { return { the body with mutant 17 }; } the body }`. The text of each
//! copy is the one that cargo-mutants would write, so that precedence, types and borrows are those of the mutant and nothing else.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::visit::Visit;

use crate::list::Mutant;

/// A source with mutants in it.
pub struct Rewritten {
    /// Its text.
    pub text: String,
    /// The lines, from 1, that hold each mutant's copy.
    pub lines: Vec<(u32, Range<usize>)>,
    /// Those that no copy can be made of: outside of a function, or in one that is `const` or returns an `impl Trait`.
    pub impossible: Vec<u32>,
}

/// Puts the mutants into the text of their file.
pub fn rewrite(text: &str, mutants: &[&Mutant]) -> Rewritten {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    // Columns count characters, from 1.
    let offset = |(line, column): (usize, usize)| {
        let from = starts[line - 1];
        from + text[from..].char_indices().nth(column - 1).map_or(text.len() - from, |(at, _)| at)
    };
    let mut bodies = Bodies { offset: &offset, found: Vec::new() };
    bodies.visit_file(&syn::parse_file(text).unwrap());
    let mut copies: BTreeMap<usize, Vec<(u32, String)>> = BTreeMap::new();
    let mut impossible = Vec::new();
    for mutant in mutants {
        let [from, to] = mutant.span.map(&offset);
        match bodies.found.iter().find(|body| body.start <= from && to <= body.end) {
            Some(body) => {
                let copy = format!("{}{}{}", &text[body.start..from], mutant.replacement, &text[to..body.end]);
                copies.entry(body.start).or_default().push((mutant.id, copy));
            }
            None => impossible.push(mutant.id),
        }
    }
    let (mut out, mut done, mut lines) = (String::new(), 0, Vec::new());
    for (at, copies) in copies {
        out.push_str(&text[done..at]);
        done = at;
        for (id, copy) in copies {
            out.push('\n');
            let first = out.matches('\n').count() + 1;
            out.push_str(&format!("if crate::mutant({id}) {{ return {{ {copy}\n}}; }}"));
            lines.push((id, first..out.matches('\n').count() + 2));
        }
        out.push('\n');
    }
    out.push_str(&text[done..]);
    Rewritten { text: out, lines, impossible }
}

/// Where the bodies of the outermost functions are, without their braces.
struct Bodies<'a> {
    offset: &'a dyn Fn((usize, usize)) -> usize,
    found: Vec<Range<usize>>,
}

impl Bodies<'_> {
    fn add(&mut self, sig: &syn::Signature, block: &syn::Block) {
        let opaque = match &sig.output {
            syn::ReturnType::Type(_, of) => has_impl(of),
            syn::ReturnType::Default => false,
        };
        if sig.constness.is_none() && !opaque {
            let (open, close) = (block.brace_token.span.open().end(), block.brace_token.span.close().start());
            self.found.push((self.offset)((open.line, open.column + 1))..(self.offset)((close.line, close.column + 1)));
        }
    }
}

impl<'ast> Visit<'ast> for Bodies<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
    }
}

fn has_impl(of: &syn::Type) -> bool {
    struct Finder(bool);
    impl Visit<'_> for Finder {
        fn visit_type_impl_trait(&mut self, _: &syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(of);
    finder.0
}
