package life

import (
	"context"
	"fmt"
	"reflect"
)

// An Event is a moment in the life of an item at which callbacks run; package
// repo tells.
type Event uint8

// The events, in the order of package repo's.
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

// method is how a callback of a type is found and called. Names are constants
// and calls go by interfaces of one method: reflection by a name that is no
// constant makes the linker keep every method of the program.
type method struct {
	name string
	find func(pointer reflect.Type) (reflect.Method, bool)
	call func(ctx context.Context, item any) error
}

var methods = [...]method{
	BeforeValidation: {
		"BeforeValidation",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("BeforeValidation") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				BeforeValidation(ctx context.Context) error
			}).BeforeValidation(ctx)
		},
	},
	AfterValidation: {
		"AfterValidation",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("AfterValidation") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				AfterValidation(ctx context.Context) error
			}).AfterValidation(ctx)
		},
	},
	BeforeSave: {
		"BeforeSave",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("BeforeSave") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				BeforeSave(ctx context.Context) error
			}).BeforeSave(ctx)
		},
	},
	BeforeCreate: {
		"BeforeCreate",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("BeforeCreate") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				BeforeCreate(ctx context.Context) error
			}).BeforeCreate(ctx)
		},
	},
	AfterCreate: {
		"AfterCreate",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("AfterCreate") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				AfterCreate(ctx context.Context) error
			}).AfterCreate(ctx)
		},
	},
	BeforeUpdate: {
		"BeforeUpdate",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("BeforeUpdate") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				BeforeUpdate(ctx context.Context) error
			}).BeforeUpdate(ctx)
		},
	},
	AfterUpdate: {
		"AfterUpdate",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("AfterUpdate") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				AfterUpdate(ctx context.Context) error
			}).AfterUpdate(ctx)
		},
	},
	AfterSave: {
		"AfterSave",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("AfterSave") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				AfterSave(ctx context.Context) error
			}).AfterSave(ctx)
		},
	},
	BeforeDelete: {
		"BeforeDelete",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("BeforeDelete") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				BeforeDelete(ctx context.Context) error
			}).BeforeDelete(ctx)
		},
	},
	AfterDelete: {
		"AfterDelete",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("AfterDelete") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				AfterDelete(ctx context.Context) error
			}).AfterDelete(ctx)
		},
	},
	AfterFind: {
		"AfterFind",
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("AfterFind") },
		func(ctx context.Context, item any) error {
			return item.(interface {
				AfterFind(ctx context.Context) error
			}).AfterFind(ctx)
		},
	},
}

// String returns the name of the event, which is that of its method.
func (e Event) String() string {
	if 0 < e && int(e) < len(methods) {
		return methods[e].name
	}
	return fmt.Sprintf("Event(%d)", e)
}
