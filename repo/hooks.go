package repo

import (
	"context"
	"errors"
	"fmt"
	"reflect"
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

var eventNames = [...]string{
	"", "BeforeValidation", "AfterValidation", "BeforeSave", "BeforeCreate", "AfterCreate",
	"BeforeUpdate", "AfterUpdate", "AfterSave", "BeforeDelete", "AfterDelete", "AfterFind",
}

// String returns the name of the event, which is that of its method.
func (e Event) String() string {
	if int(e) < len(eventNames) {
		return eventNames[e]
	}
	return fmt.Sprintf("Event(%d)", e)
}

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

// A CallbackError is the error of a callback.
type CallbackError struct {
	Event Event
	Err   error
}

// Error names the event and what the callback said.
func (e *CallbackError) Error() string { return e.Event.String() + ": " + e.Err.Error() }

// Unwrap returns what the callback said.
func (e *CallbackError) Unwrap() error { return e.Err }

// hooks are the callbacks of a model by their event.
type hooks struct {
	calls     [AfterFind + 1][]func(context.Context, any) error
	validator Validator
	validates bool // the type has a method Validate
}

var methodType = reflect.TypeFor[func(context.Context) error]()

// compile collects the methods of *T and the functions of the spec.
func (h *hooks) compile(t reflect.Type, spec *Spec, fault func(field, rule string, err error)) {
	h.validator = spec.Validator
	h.validates = h.method(t, "Validate", fault)
	for e := BeforeValidation; e <= AfterFind; e++ {
		if !h.method(t, e.String(), fault) {
			continue
		}
		name := e.String()
		h.calls[e] = append(h.calls[e], func(ctx context.Context, item any) error {
			return reflect.ValueOf(item).MethodByName(name).Interface().(func(context.Context) error)(ctx)
		})
	}
	for i, c := range spec.Callbacks {
		field := fmt.Sprintf("Callbacks[%d]", i)
		switch {
		case c.event < BeforeValidation || c.event > AfterFind:
			fault(field, "no such event", nil)
		case c.call == nil:
			fault(field, "want a function", nil)
		case c.typ != t && (c.typ.Kind() != reflect.Interface || !reflect.PointerTo(t).Implements(c.typ)):
			fault(field, "the function is for items of "+c.typ.String(), nil)
		default:
			h.calls[c.event] = append(h.calls[c.event], c.call)
		}
	}
}

// method reports whether *T has a callback of that name.
func (h *hooks) method(t reflect.Type, name string, fault func(field, rule string, err error)) bool {
	m, ok := reflect.PointerTo(t).MethodByName(name)
	if !ok {
		return false
	}
	if reflect.New(t).Method(m.Index).Type() != methodType {
		if name != "Validate" { // a common name, which may be about something else
			fault("T", "method "+name+" is a callback and must be a func(context.Context) error", nil)
		}
		return false
	}
	return true
}

// run runs the callbacks of events until one fails.
func (h *hooks) run(ctx context.Context, item any, events ...Event) error {
	for _, e := range events {
		for _, call := range h.calls[e] {
			if err := call(ctx, item); err != nil {
				return &CallbackError{Event: e, Err: err}
			}
		}
	}
	return nil
}

// validate returns every fault of an item (rule I2).
func (h *hooks) validate(ctx context.Context, item any) error {
	var errs []error
	if h.validates {
		errs = append(errs, item.(interface{ Validate(context.Context) error }).Validate(ctx))
	}
	if h.validator != nil {
		errs = append(errs, h.validator.StructCtx(ctx, item))
	}
	if err := errors.Join(errs...); err != nil {
		return because(ErrInvalid, err)
	}
	return nil
}

// before runs what comes before a put.
func (h *hooks) before(ctx context.Context, op string, item any, skip bool) error {
	if !skip {
		if err := h.run(ctx, item, BeforeValidation); err != nil {
			return err
		}
		if err := h.validate(ctx, item); err != nil {
			return err
		}
		if err := h.run(ctx, item, AfterValidation); err != nil {
			return err
		}
	}
	switch op {
	case "Create":
		return h.run(ctx, item, BeforeSave, BeforeCreate)
	case "Save", opSaveChanges:
		return h.run(ctx, item, BeforeSave, BeforeUpdate)
	}
	return h.run(ctx, item, BeforeSave)
}

// after runs what comes behind a put or a Destroy.
func (h *hooks) after(ctx context.Context, op string, item any) error {
	switch op {
	case "Destroy":
		return h.run(ctx, item, AfterDelete)
	case "Create":
		return errors.Join(h.run(ctx, item, AfterCreate), h.run(ctx, item, AfterSave))
	case "Save", opSaveChanges:
		return errors.Join(h.run(ctx, item, AfterUpdate), h.run(ctx, item, AfterSave))
	}
	return h.run(ctx, item, AfterSave)
}

// foundAll runs AfterFind on a slice of items that were read.
func (s *schema) foundAll(ctx context.Context, items reflect.Value) error {
	if !s.finds {
		return nil
	}
	for i := range items.Len() {
		if err := s.found(ctx, items.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// found runs AfterFind on one item that was read.
func (s *schema) found(ctx context.Context, v reflect.Value) error {
	if !s.finds {
		return nil
	}
	s, v, err := s.of(v)
	if err != nil {
		return err
	}
	return s.hooks.run(ctx, v.Addr().Interface(), AfterFind)
}
