package model

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// A local is a local index, whose copy of an item counts against the limit of
// its size (rule F9).
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ItemCollections.SizeLimit
type local struct {
	keys     []string // attributes of the table's key and the index's
	included []string
	all      bool // every attribute is projected
}

func newLocal(idx index.Spec, table key.Spec) local {
	own := idx.Key(table)
	l := local{included: idx.Included(), all: idx.Projection() == types.ProjectionTypeAll}
	for _, p := range []key.Part{own.Hash, own.Range, table.Range} {
		for _, a := range p.Attributes() {
			if !slices.Contains(l.keys, a.Name()) {
				l.keys = append(l.keys, a.Name())
			}
		}
	}
	return l
}

// size returns the bytes of an item's copy; 0 of one that the index has not.
func (l *local) size(m values.Item) int {
	copied := values.Item{}
	for _, name := range l.keys {
		if m[name] == nil {
			return 0
		}
		copied[name] = m[name]
	}
	if l.all {
		return values.ItemSize(m)
	}
	for _, name := range l.included {
		if av := m[name]; av != nil {
			copied[name] = av
		}
	}
	return values.ItemSize(copied)
}

// size returns the bytes of an item as DynamoDB counts them against the limit:
// with its copies in local indexes.
func (t *Table) size(m values.Item) int {
	n := values.ItemSize(m)
	for i := range t.locals {
		n += t.locals[i].size(m)
	}
	return n
}
