// Package write makes writes of what verbs ask for and sends them: alone, in
// batches, in transactions, with the markers of unique values.
//
// Rules: https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package write

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/query"
	"github.com/dynarepo/dynarepo/internal/values"
)

// A Write is one change of one item, alone or in a transaction: what it does
// (an action), on what condition (a guard), which markers it moves, and what
// follows its success (a memory).
//
// It is made by a [Writer], sent by one goroutine, and may be sent again: what
// was learned of the store in between is in its marks.
type Write struct {
	table  *model.Table
	verb   life.Verb
	key    values.Item // of the table; nil for a put
	id     string      // of the key, in a batch or a transaction
	does   action
	guard  guard
	marks  *marks // of unique values; nil if it is about none
	memory memory
	now    time.Time // when it was made, by which items have expired
	turns  int       // how often what it does was taken for another form of it
}

// A memory is what the caller has of the item that is written.
type memory struct {
	item    *model.Item
	value   reflect.Value // what is stored, a struct; the zero Value of a write by key
	callers reflect.Value // the caller's struct, which is as value after success; the zero Value of a write by key
	mine    any           // the pointer that the caller gave; nil unless callers is as stored after success
	end     int64         // when the item is to be hidden
	bulk    bool          // no callbacks run
	// finished says that the caller's item is as stored, and callbacks ran: a token
	// may be used once more (rule F4).
	finished bool
}

// expr compiles condition and update.
func (w *Write) expr() (expression.Expression, error) {
	b := expression.NewBuilder()
	conds := w.guard.conds
	if w.marks != nil {
		conds = slices.Concat(conds, w.marks.guard())
	}
	u, updates := w.does.(*update)
	if updates && len(u.conds) > 0 {
		conds = slices.Concat(conds, u.conds)
	}
	if len(conds) > 0 {
		b = b.WithCondition(query.Conjunction(conds))
	}
	if updates {
		b = b.WithUpdate(u.builder)
	}
	if len(conds) == 0 && !updates {
		return expression.Expression{}, nil
	}
	e, err := b.Build()
	return e, errors.Join(err, model.CheckExpressions(e.Condition(), e.Update()))
}

// onFailure asks for the stored item beside a failed condition.
func (w *Write) onFailure() types.ReturnValuesOnConditionCheckFailure {
	u, updates := w.does.(*update)
	if !w.guard.tell && w.marks == nil && (!updates || len(u.conds) == 0) {
		return ""
	}
	return types.ReturnValuesOnConditionCheckFailureAllOld
}

// changes reports whether the write changes anything, as a check does not.
func (w *Write) changes() bool {
	_, checks := w.does.(check)
	return !checks
}

// mark makes the write keep the markers of unique values; m may be nil.
func (w *Write) mark(m *marks) { w.marks = m }

// again reports whether to send the write once more though its condition failed.
func (w *Write) again(stored values.Item) bool {
	if w.guard.again != nil {
		return w.guard.again(stored)
	}
	return w.guard.like != nil && w.guard.like(stored) || w.marks != nil && w.marks.again(stored)
}
