package repo

import (
	"context"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// Update makes changes to the item with the key, in one UpdateItem request,
// and returns the item as stored, or what [Repo.Returning] chose. There is none:
// [ErrNotFound]; an update never brings one into being (rule F1), which is for
// [Repo.Upsert]. The version, if the model has a lock, rises by 1 unchecked
// (rule G4); the update time is now. A model with unique values sends what
// [Unique] says.
//
// Refused before any request, as [ErrInvalid]: no change, two changes that
// overlap (cond.ErrOverlap), a change of the table's key, of a composite key
// itself, or of some parts of an index's composite key but not all, which
// would leave it wrong (rule K3). With all parts given it is made anew.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (r *Repo[T]) Update(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	return Writer[T]{r.writes()}.Update(ctx, k, changes...)
}

// Update is [Repo.Update] under the writer's conditions.
func (w Writer[T]) Update(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	return w.change(ctx, write.Order{Verb: life.Update, Key: k, Edits: edits(changes)})
}

// edits returns changes without their owner.
func edits[T any](changes []cond.Change[T]) []*expr.Edit {
	all := make([]*expr.Edit, len(changes))
	for i, c := range changes {
		all[i] = c.Edit()
	}
	return all
}
