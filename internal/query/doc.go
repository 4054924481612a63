// Package query plans queries and reads their pages: from what a query says
// (Spec), through what every request of it has in common (Prepared), to one range
// over it (Run). It knows the type of items by reflection alone.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package query
