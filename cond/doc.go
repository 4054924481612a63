// Package cond declares typed attributes of a struct and makes conditions on
// them and changes of them.
//
// An attribute is selected by a function that returns the field's address, so
// that a rename is a matter for the compiler, and its conditions belong to the
// struct: a [Cond] of one type can't be given to a repository of another.
//
//	var position = cond.Field(func(s *Score) *int { return &s.Position })
//
//	position.Between(10, 20) // Cond[Score]
//	position.Add(1)          // Change[Score]
//
// What a selector can't reach goes by name: [Name]. Values are encoded exactly
// as the field stores them (rule D4), names are always aliased (rule D3), and
// everything compiles to the SDK's expression builders.
//
// Nothing here sends a request. An attribute that does not resolve carries its
// error into every condition and change made of it, and the operation that
// they are given to returns it before any request; [Attr.Err] tells it at once.
//
// Guides, in https://github.com/dynarepo/dynarepo/blob/main/docs:
// queries.md, writes.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package cond
