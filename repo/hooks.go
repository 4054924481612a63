package repo

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/life"
)

// An Event is a moment in the life of an item at which callbacks run: methods
// of the type of the event's name, on the pointer, with a context and an error
//
//	func (u *User) BeforeSave(ctx context.Context) error
//
// and the functions of [Spec.Callbacks], after the method, in order.
//
// Create runs BeforeValidation, the validation, AfterValidation, BeforeSave,
// BeforeCreate, then writes, then runs AfterCreate and AfterSave. Save and
// SaveChanges do the same with BeforeUpdate and AfterUpdate, Put with neither. Destroy runs
// BeforeDelete and AfterDelete. AfterFind runs on each item that is read.
// Update, Delete and batches run none (rule I1).
//
// Callbacks before a write see a copy of the caller's item and may change it;
// the first error stops the write. Those behind it see the caller's item; their
// errors are returned, joined, though the write stands. In a transaction those
// before run as each operation is made, and those behind once all have
// succeeded. Every error is a [*CallbackError].
type Event uint8

// The events.
const (
	BeforeValidation Event = iota + 1
	AfterValidation
	BeforeSave
	BeforeCreate
	AfterCreate
	BeforeUpdate
	AfterUpdate
	AfterSave
	BeforeDelete
	AfterDelete
	AfterFind
)

// String returns the name of the event, which is that of its method.
func (e Event) String() string { return life.Event(e).String() }

// A Callback is a function that runs at an event. It is made by [On].
type Callback struct {
	event Event
	typ   reflect.Type
	call  func(context.Context, any) error
}

// On returns the callback that runs f at event e for items of T, or of the
// types that implement T, an interface.
func On[T any](e Event, f func(context.Context, *T) error) Callback {
	c := Callback{event: e, typ: reflect.TypeFor[T]()}
	if f != nil {
		c.call = func(ctx context.Context, item any) error {
			if own, ok := item.(*T); ok {
				return f(ctx, own)
			}
			one := item.(T) // an interface
			return f(ctx, &one)
		}
	}
	return c
}

// A Validator checks structs, as *validator.Validate of
// github.com/go-playground/validator does by tags of its own (rule I3).
type Validator interface {
	StructCtx(ctx context.Context, item any) error
}
