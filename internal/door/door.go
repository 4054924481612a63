// Package door is the key to what packages of this module show to each other
// and to nobody else.
package door

// A Key opens a method that is for this module alone: nobody else can name it.
type Key struct{}

// A Field is the value of one field of a composite key: Text of a string, Int of
// an integer.
type Field struct {
	Text string
	Int  int64
}
