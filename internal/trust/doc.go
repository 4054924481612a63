// Package trust has the tests of what the library does when others do not do as
// they should, over its public API alone: servers that lie, connections that break,
// contexts that end, input that was made to harm. docs/reliability.md tells of them.
package trust
