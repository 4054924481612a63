// Package place says where a read stands: plain data, for cursors and pages.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package place

// Value is one key attribute of an item.
type Value struct {
	Name string // of the attribute
	Kind byte   // 'S', 'N' or 'B', as DynamoDB names the types of keys
	Data string // the string, the number in decimal, or the bytes
}

// Place is where one segment of a read stands: after the item of Key, which
// holds the key of the table and of the index read (rule B2), or at the start
// if Key is empty. A segment that is Done has nothing more, and no Key.
type Place struct {
	Key  []Value
	Done bool
}

// Binding is the query a cursor belongs to. A cursor is of no use to any other.
type Binding struct {
	Table      string
	Index      string // "" for the table itself
	Partition  string // the hash values, encoded; "" for a scan
	Descending bool
	Segments   int // of a parallel scan; 0 is 1
	Segment    int // the one of them that is read alone, from 1; 0 if all are
}

// Places is how many places a cursor of b has.
func (b Binding) Places() int {
	if b.Segment > 0 {
		return 1
	}
	return max(1, b.Segments)
}

// Normal returns b with 1 for no segments.
func (b Binding) Normal() Binding {
	b.Segments = max(1, b.Segments)
	return b
}

// Foreign is why a cursor is refused that was made for another query.
const Foreign = "made for another query"
