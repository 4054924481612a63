package write

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
)

// A Mending is the repair of the marker of one unique value, on the condition
// that all is still as it was seen.
type Mending struct {
	Unique *model.Unique
	Marker string      // its hash key
	Put    bool        // the marker is to be put, for Item; else it is deleted
	Item   Sight       // that has the value; without a key, none was looked at
	Owner  Sight       // that the marker is of; without a key, none was looked at
	Seen   values.Item // the marker; nil if there was none
}

// A Sight is an item as it was seen; nil if it was not there.
type Sight struct{ Key, Seen values.Item }

// Send repairs in one transaction.
func (m *Mending) Send(ctx context.Context, c *send.Conn, t *model.Table) error {
	b := &bundle{}
	add := func(w *Write, attrs []string, seen values.Item) {
		as := &marks{table: t, attrs: attrs, before: seen}
		w.table, w.guard.conds = t, as.guard()
		b.writes = append(b.writes, w)
		b.add(w, len(b.writes)-1)
	}
	for _, one := range []Sight{m.Item, m.Owner} {
		if one.Key != nil {
			add(&Write{key: one.Key, does: check{}}, m.Unique.Attrs, one.Seen)
		}
	}
	marker := &Write{key: t.Keys.MarkerKey(m.Marker), does: remove{}}
	if m.Put {
		marker = (&marks{table: t, owner: m.Item.Key}).claim(m.Unique, m.Marker)
	}
	add(marker, []string{model.MarkerOwner}, m.Seen)
	return b.send(ctx, c, uuid.NewString())
}

// Raced reports whether a transaction failed since others wrote the same.
func Raced(err error) bool {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	return send.Conflicts(err) || ok && !slices.ContainsFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool {
		return !slices.Contains([]string{"", "None", "ConditionalCheckFailed", send.CodeConflict}, aws.ToString(r.Code))
	})
}
