// Package planner picks the request that serves conditions: Query or Scan, of
// the table or of an index. It is pure.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package planner
