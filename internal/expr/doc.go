// Package expr holds conditions and changes without the type that they are of,
// and compiles them for the SDK's expression builder.
package expr
