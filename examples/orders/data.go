package main

// The data of the shop is made up.

var catalogue = []Product{
	{SKU: "kettle", Name: "Kettle", Cents: 3900, Stock: 5},
	{SKU: "teapot", Name: "Teapot", Cents: 4500, Stock: 2},
	{SKU: "cup", Name: "Cup", Cents: 900, Stock: 40},
	{SKU: "lamp", Name: "Desk lamp", Cents: 6200, Stock: 3},
	{SKU: "chair", Name: "Chair", Cents: 12900, Stock: 1},
}

var shelves = []Shelf{{Name: "kitchen"}, {Name: "study"}, {Name: "gifts"}}

// placing tells which shelves a product is put on.
var placing = map[string][]string{
	"kettle": {"kitchen"},
	"teapot": {"kitchen", "gifts"},
	"cup":    {"kitchen", "study", "gifts"},
	"lamp":   {"study", "gifts"},
	"chair":  {"study"},
}

var buyers = []Customer{{ID: "ada", Name: "Ada Byron"}, {ID: "emmy", Name: "Emmy Noether"}, {ID: "mary", Name: "Mary Somerville"}}

// A sale is an order as it is asked for.
type sale struct {
	order string
	buyer string
	date  string
	lines []Line // SKU and quantity
}

var sales = []sale{
	{"1001", "ada", "2026-03-02", []Line{{SKU: "teapot", Quantity: 1}, {SKU: "cup", Quantity: 6}}},
	{"1002", "emmy", "2026-03-05", []Line{{SKU: "lamp", Quantity: 1}}},
	{"1003", "ada", "2026-04-11", []Line{{SKU: "chair", Quantity: 1}, {SKU: "lamp", Quantity: 1}, {SKU: "cup", Quantity: 2}}},
	{"1004", "emmy", "2026-04-12", []Line{{SKU: "cup", Quantity: 4}, {SKU: "chair", Quantity: 1}}},
}
