// Package assoc relates the items of two repositories: has many, has one,
// belongs to, has and belongs to many.
//
// A relation is declared once, from typed attributes, over two ends: [Keep] is
// an end whose items keep ids of the other, in a set or a foreign key, [Bare]
// one whose items keep none.
//
//	orders, err := assoc.HasMany(assoc.Keep(customers, orderIDs), assoc.Keep(orders, customerID))
//	customer, err := orders.Inverse() // belongs to
//
// There are three ways to store it, with the same verbs:
//
//   - ids kept by the owner, by the target, or by both, which are then written
//     in one transaction ([HasMany], [HasOne], [BelongsTo], [ManyToMany]);
//   - a foreign key of the target alone, which a table or an index serves:
//     HasMany and HasOne of a [Bare] owner;
//   - link items, one a pair ([Linked]).
//
// # Ids
//
// An id is what the key of an item takes: of a key of one string or number,
// that; of any other, its values as a composite joins them, hash first:
// "a|7" (rule K1). Sets and foreign keys of strings hold any id, those of
// numbers the ids of models whose key is one number.
//
// # Limits
//
// What a call changes is one transaction: 100 operations at most, and one
// operation for each item that keeps an id. A call that takes more is
// repo.ErrInvalid before anything is written, and the caller's to divide.
//
// # Broken links
//
// An id whose item is gone is skipped by reads, and told by [Items.Missing] and
// [Relation.Load]. Unlinking tolerates it.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/relations.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package assoc
