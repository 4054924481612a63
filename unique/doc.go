// Package unique checks and repairs the markers of unique values, which
// [repo.Unique] declares: for tables that had items before the constraint was
// declared, or that were written past the repository.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/writes.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package unique
