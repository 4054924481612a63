package iter

// Page is what one request of a query or a scan gave.
type Page[T any] struct {
	Items     []T     // in the order of the index, none beyond the record limit
	Cursor    Cursor  // the position after the page; zero after the last one
	Evaluated int     // how many items were evaluated, before the filter
	Consumed  float64 // read capacity units, as DynamoDB reports them
}
