package stream

import "time"

// A Checkpoint tells which changes of a stream were handed out. It is plain
// data, to be kept as JSON wherever it suits. The zero value is the beginning
// of what the stream still has, the trim horizon.
type Checkpoint struct {
	// Stream is the stream's ARN.
	Stream string `json:"stream,omitempty"`
	// Since is a minute before a reader began at the latest change; of a shard
	// without a mark, changes before are passed over. Zero for one that began at
	// the trim horizon.
	Since time.Time `json:"since,omitzero"`
	// Shards are the marks of the shards, by their id.
	Shards map[string]Mark `json:"shards,omitempty"`
}

// A Mark tells how far a shard was read.
type Mark struct {
	// Sequence is the sequence number of the last change handed out, "" for
	// none.
	Sequence string `json:"sequence,omitempty"`
	// Done says that the shard has ended and all of it was handed out.
	Done bool `json:"done,omitempty"`
}
