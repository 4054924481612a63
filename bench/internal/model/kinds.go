package model

// A Document is an item of one of two kinds that share a table.
type Document interface{ Content() *Mixed }

// Sale is a kind of [Document].
type Sale struct{ Mixed }

// Refund is the other.
type Refund struct{ Mixed }

// Content returns what both kinds have.
func (s *Sale) Content() *Mixed { return &s.Mixed }

// Content returns what both kinds have.
func (r *Refund) Content() *Mixed { return &r.Mixed }
