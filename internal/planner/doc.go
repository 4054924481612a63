// Package planner picks the request that serves conditions: Query or Scan, of
// the table or of an index. It is pure.
package planner
