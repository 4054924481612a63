package life

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// A Callback is a function that runs at an event for items of Type.
type Callback struct {
	Event Event
	Type  reflect.Type
	Call  func(context.Context, any) error
}

// A Validator checks structs; package repo tells.
type Validator interface {
	StructCtx(ctx context.Context, item any) error
}

// Hooks are the callbacks of a model by their event.
type Hooks struct {
	calls     [AfterFind + 1][]func(context.Context, any) error
	validator Validator
	validates bool // the type has a method Validate
	make      *fault.Makers
}

type validated interface {
	Validate(ctx context.Context) error
}

// NewHooks collects the methods of *T, a t, and the functions declared; what is
// wrong with them is told to refuse.
func NewHooks(t reflect.Type, validator Validator, callbacks []Callback, mk *fault.Makers, refuse func(field, rule string, err error)) *Hooks {
	h := &Hooks{make: mk, validator: validator}
	if v := reflect.ValueOf(validator); v.Kind() == reflect.Pointer && v.IsNil() {
		refuse("Validator", "want a validator, not a nil of its type", nil)
	}
	h.validates = reflect.PointerTo(t).Implements(reflect.TypeFor[validated]())
	for e := BeforeValidation; e <= AfterFind; e++ {
		found, ok := methods[e].find(reflect.PointerTo(t))
		switch {
		case !ok:
		case !isCallback(found.Type):
			refuse("T", "method "+e.String()+" is a callback and must be a func(context.Context) error", nil)
		default:
			h.calls[e] = append(h.calls[e], methods[e].call)
		}
	}
	for i, c := range callbacks {
		field := fmt.Sprintf("Callbacks[%d]", i)
		switch {
		case c.Event < BeforeValidation || c.Event > AfterFind:
			refuse(field, "no such event", nil)
		case c.Call == nil:
			refuse(field, "want a function", nil)
		case c.Type != t && (c.Type.Kind() != reflect.Interface || !reflect.PointerTo(t).Implements(c.Type)):
			refuse(field, "the function is for items of "+c.Type.String(), nil)
		default:
			h.calls[c.Event] = append(h.calls[c.Event], c.Call)
		}
	}
	return h
}

// isCallback reports whether a method, whose first argument is the receiver,
// is a func(context.Context) error.
func isCallback(t reflect.Type) bool {
	return t.NumIn() == 2 && t.In(1) == reflect.TypeFor[context.Context]() && !t.IsVariadic() &&
		t.NumOut() == 1 && t.Out(0) == reflect.TypeFor[error]()
}

// Run runs the callbacks of events until one fails.
func (h *Hooks) Run(ctx context.Context, item any, events ...Event) error {
	for _, e := range events {
		for _, call := range h.calls[e] {
			if err := call(ctx, item); err != nil {
				return h.make.Callback(uint8(e), err)
			}
		}
	}
	return nil
}

// validate returns every fault of an item (rule I2).
func (h *Hooks) validate(ctx context.Context, item any) error {
	var errs []error
	if h.validates {
		errs = append(errs, item.(validated).Validate(ctx))
	}
	if h.validator != nil {
		errs = append(errs, h.validator.StructCtx(ctx, item))
	}
	return fault.Invalid(errors.Join(errs...))
}

// Check runs the validation of an item that is to be stored, and what comes
// before and after it.
func (h *Hooks) Check(ctx context.Context, item any) error {
	if err := h.Run(ctx, item, BeforeValidation); err != nil {
		return err
	}
	if err := h.validate(ctx, item); err != nil {
		return err
	}
	return h.Run(ctx, item, AfterValidation)
}

// Before runs what comes before a write, behind the validation.
func (h *Hooks) Before(ctx context.Context, verb Verb, item any) error {
	return h.Run(ctx, item, verbs[verb].before...)
}

// After runs what comes behind a write that has succeeded, each event whether
// or not another fails.
func (h *Hooks) After(ctx context.Context, verb Verb, item any) error {
	var errs []error
	for _, e := range verbs[verb].after {
		if err := h.Run(ctx, item, e); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// On reports whether something runs at an event.
func (h *Hooks) On(e Event) bool { return len(h.calls[e]) > 0 }
