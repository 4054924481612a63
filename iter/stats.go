package iter

// Stats is what a read has cost so far. Capacity is in the read capacity units
// that DynamoDB reports:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html.
type Stats struct {
	Requests  int // pages asked for
	Evaluated int // items evaluated, before the filter
	Returned  int // items handed out
	Retries   int // requests sent again
	Gone      int // items that an index had and the table, read afterwards, had no more
	Skipped   int // items that came and were left out, being none of the model's

	Consumed      float64 // in all
	ConsumedTable float64 // of it, by the table
	ConsumedIndex float64 // of it, by indexes

	Bytes int64 // of the answers' bodies
	Stop  Stop  // why it ended; StopNone while it has not
}

// add adds what other has cost to s. The reason to end stays that of s.
func (s *Stats) add(other Stats) {
	s.Requests += other.Requests
	s.Evaluated += other.Evaluated
	s.Returned += other.Returned
	s.Retries += other.Retries
	s.Gone += other.Gone
	s.Skipped += other.Skipped
	s.Consumed += other.Consumed
	s.ConsumedTable += other.ConsumedTable
	s.ConsumedIndex += other.ConsumedIndex
	s.Bytes += other.Bytes
}
