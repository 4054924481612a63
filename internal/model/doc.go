// Package model holds compiled declarations: what is known of the items of a
// table before there is one ([Table]), and what is done with one ([Item]).
//
// A Table and the Items of its types are immutable once compiled. What is done
// with an item of a repository begins with [Table.Of], the only way to an Item,
// so that it is done as the item's own type declares it.
//
// Rules: https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package model
