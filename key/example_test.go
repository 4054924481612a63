package key_test

import (
	"errors"
	"fmt"

	"github.com/dynarepo/dynarepo/key"
)

func ExampleComposite() {
	id := key.Composite("id", key.String("model_id"), key.Int("account_id"))
	text, err := id.Join("model_1", 42)
	fmt.Println(text, err)

	values, err := id.Split(text)
	fmt.Println(values, err)
	// Output:
	// model_1|42 <nil>
	// [model_1 42] <nil>
}

func ExamplePart_Join() {
	path := key.Composite("path", key.String("folder"), key.String("file")).Delimiter("/")
	text, _ := path.Join("a/b", "100%")
	fmt.Println(text)

	_, err := path.Join("a/b")
	fmt.Println(err)
	// Output:
	// a%2Fb/100%25
	// key: path: want 2 values, not 1
}

func ExamplePart_Split() {
	order := key.Composite("pk", key.Literal("ORDER"), key.Int("number")).Delimiter("#")
	values, err := order.Split("ORDER#7")
	fmt.Println(values, err)

	_, err = order.Split("CUSTOMER#7")
	fmt.Println(errors.Is(err, key.ErrLiteral))
	// Output:
	// [7] <nil>
	// true
}

func ExamplePart_Sortable() {
	sk := key.Composite("sk", key.Int("balance").Sortable())
	for _, n := range []int{-5, 0, 42} {
		text, _ := sk.Join(n)
		fmt.Println(text)
	}
	// Output:
	// 09223372036854775803
	// 10000000000000000000
	// 10000000000000000042
}

func ExampleOf() {
	v := key.Of("model_1", 42).Range(7)
	fmt.Println(v)
	fmt.Println(v.HashParts(), v.RangeParts())
	// Output:
	// key(2 hash parts, 1 range part)
	// [model_1 42] [7]
}
