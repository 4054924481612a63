package repo

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// A Number is what a counter can be.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Increment adds by, which may be negative, to a counter of the item with the
// key and returns what it is then, in one UpdateItem request. It is atomic: of
// many at once each counts (rule F3). A counter that is missing starts from 0;
// an item that is missing is [ErrNotFound], as by [Repo.Update], which Increment
// is for one attribute whose new value alone comes back. It is a function since
// a method has no type parameters; in a transaction, under a condition, or for
// an item that may be missing, a.Add(by) is the change to use.
//
// A counter that V can't hold is [ErrDecode], though the item is changed.
func Increment[T any, V Number](ctx context.Context, r *Repo[T], k key.Value, a cond.Attr[T, V], by V) (V, error) {
	var count V
	if err := r.ready("Increment"); err != nil {
		return count, err
	}
	edit := a.Add(by).Edit()
	err := r.writes().Increment(ctx, write.Order{Verb: life.Increment, Key: k, Edits: []*expr.Edit{edit}}, reflect.ValueOf(&count).Elem())
	return count, err
}
