package repo

import (
	"reflect"

	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/key"
)

// Key returns the key of item, with which it is read, updated or deleted. It
// sends nothing. An item without a key that can be stored is [ErrInvalid].
func (r *Repo[T]) Key(item *T) (key.Value, error) {
	if err := r.ready("Key"); err != nil {
		return key.Value{}, err
	}
	return keyOfItem(r.table, reflect.ValueOf(item))
}

func keyOfItem(t *model.Table, item reflect.Value) (key.Value, error) {
	own, v, err := t.ItemOf(item)
	if err == nil {
		_, err = own.Key(v)
	}
	if err != nil {
		return key.Value{}, t.Refuse("Key", err)
	}
	return own.KeyValue(v), nil
}

// IfUnchanged makes a write conditional on the stored item being as item was
// loaded: of its version where the model has a lock, else with every attribute
// of T as it is in item, a zero field standing for an attribute that is missing
// or NULL too. The error is [ErrConditionFailed] as by [Repo.If]; so it is, for
// a model without a lock, if the stored item has a value that a field holds
// inexactly, such as a number too long for a float64.
func (r *Repo[T]) IfUnchanged(item *T) Writer[T] { return Writer[T]{r.writes()}.IfUnchanged(item) }

// IfUnchanged adds the condition; see [Repo.IfUnchanged].
func (w Writer[T]) IfUnchanged(item *T) Writer[T] {
	return Writer[T]{w.of.Unchanged(reflect.ValueOf(item))}
}
