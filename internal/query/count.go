package query

import "context"

// Count returns how many items the query would return, and what was counted
// before an error beside it.
func (q Query) Count(ctx context.Context) (int, error) {
	q.Spec = q.Spec.counting()
	r, err := q.Run()
	if err != nil {
		return 0, err
	}
	n := 0
	for piece := range r.Pieces(ctx) {
		n += piece.Returned
		if piece.Err != nil {
			return n, piece.Err
		}
	}
	return n, nil
}

// Keys begins a range over the query that reads the keys of its items alone.
func (q Query) Keys() (*Run, error) {
	if q.Table == nil {
		return nil, q.Zero
	}
	q.Spec = q.Spec.KeysOnly(q.Table.Keys.Names)
	return q.Run()
}
