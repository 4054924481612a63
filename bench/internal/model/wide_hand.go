package model

func encodeWide(w *Wide) Attrs {
	return Attrs{
		"pk":       text(w.PK),
		"sk":       text(w.SK),
		"score":    float(w.Score),
		"field_00": text(w.F00),
		"field_01": integer(w.F01),
		"field_02": float(w.F02),
		"field_03": boolean(w.F03),
		"field_04": text(w.F04),
		"field_05": integer(w.F05),
		"field_06": float(w.F06),
		"field_07": boolean(w.F07),
		"field_08": text(w.F08),
		"field_09": integer(w.F09),
		"field_10": float(w.F10),
		"field_11": boolean(w.F11),
		"field_12": text(w.F12),
		"field_13": integer(w.F13),
		"field_14": float(w.F14),
		"field_15": boolean(w.F15),
		"field_16": text(w.F16),
		"field_17": integer(w.F17),
		"field_18": float(w.F18),
		"field_19": boolean(w.F19),
		"field_20": text(w.F20),
		"field_21": integer(w.F21),
		"field_22": float(w.F22),
		"field_23": boolean(w.F23),
		"field_24": text(w.F24),
		"field_25": integer(w.F25),
		"field_26": float(w.F26),
		"field_27": boolean(w.F27),
		"field_28": text(w.F28),
		"field_29": integer(w.F29),
		"field_30": float(w.F30),
		"field_31": boolean(w.F31),
		"field_32": text(w.F32),
		"field_33": integer(w.F33),
		"field_34": float(w.F34),
		"field_35": boolean(w.F35),
		"field_36": text(w.F36),
		"field_37": integer(w.F37),
		"field_38": float(w.F38),
		"field_39": boolean(w.F39),
		"field_40": text(w.F40),
		"field_41": integer(w.F41),
		"field_42": float(w.F42),
		"field_43": boolean(w.F43),
		"field_44": text(w.F44),
		"field_45": integer(w.F45),
		"field_46": float(w.F46),
		"field_47": boolean(w.F47),
		"field_48": text(w.F48),
		"field_49": integer(w.F49),
		"field_50": float(w.F50),
		"field_51": boolean(w.F51),
		"field_52": text(w.F52),
		"field_53": integer(w.F53),
		"field_54": float(w.F54),
		"field_55": boolean(w.F55),
		"field_56": text(w.F56),
		"field_57": integer(w.F57),
		"field_58": float(w.F58),
		"field_59": boolean(w.F59),
		"field_60": text(w.F60),
		"field_61": integer(w.F61),
		"field_62": float(w.F62),
		"field_63": boolean(w.F63),
		"field_64": text(w.F64),
		"field_65": integer(w.F65),
		"field_66": float(w.F66),
		"field_67": boolean(w.F67),
		"field_68": text(w.F68),
		"field_69": integer(w.F69),
		"field_70": float(w.F70),
		"field_71": boolean(w.F71),
		"field_72": text(w.F72),
		"field_73": integer(w.F73),
		"field_74": float(w.F74),
		"field_75": boolean(w.F75),
		"field_76": text(w.F76),
		"field_77": integer(w.F77),
		"field_78": float(w.F78),
		"field_79": boolean(w.F79),
		"field_80": text(w.F80),
		"field_81": integer(w.F81),
		"field_82": float(w.F82),
		"field_83": boolean(w.F83),
		"field_84": text(w.F84),
		"field_85": integer(w.F85),
		"field_86": float(w.F86),
		"field_87": boolean(w.F87),
		"field_88": text(w.F88),
		"field_89": integer(w.F89),
		"field_90": float(w.F90),
		"field_91": boolean(w.F91),
		"field_92": text(w.F92),
		"field_93": integer(w.F93),
		"field_94": float(w.F94),
		"field_95": boolean(w.F95),
		"field_96": text(w.F96),
	}
}

func decodeWide(attrs Attrs, w *Wide) error {
	r := reader{attrs: attrs}
	w.PK = r.text("pk")
	w.SK = r.text("sk")
	w.Score = r.float("score")
	w.F00 = r.text("field_00")
	w.F01 = r.integer("field_01")
	w.F02 = r.float("field_02")
	w.F03 = r.boolean("field_03")
	w.F04 = r.text("field_04")
	w.F05 = r.integer("field_05")
	w.F06 = r.float("field_06")
	w.F07 = r.boolean("field_07")
	w.F08 = r.text("field_08")
	w.F09 = r.integer("field_09")
	w.F10 = r.float("field_10")
	w.F11 = r.boolean("field_11")
	w.F12 = r.text("field_12")
	w.F13 = r.integer("field_13")
	w.F14 = r.float("field_14")
	w.F15 = r.boolean("field_15")
	w.F16 = r.text("field_16")
	w.F17 = r.integer("field_17")
	w.F18 = r.float("field_18")
	w.F19 = r.boolean("field_19")
	w.F20 = r.text("field_20")
	w.F21 = r.integer("field_21")
	w.F22 = r.float("field_22")
	w.F23 = r.boolean("field_23")
	w.F24 = r.text("field_24")
	w.F25 = r.integer("field_25")
	w.F26 = r.float("field_26")
	w.F27 = r.boolean("field_27")
	w.F28 = r.text("field_28")
	w.F29 = r.integer("field_29")
	w.F30 = r.float("field_30")
	w.F31 = r.boolean("field_31")
	w.F32 = r.text("field_32")
	w.F33 = r.integer("field_33")
	w.F34 = r.float("field_34")
	w.F35 = r.boolean("field_35")
	w.F36 = r.text("field_36")
	w.F37 = r.integer("field_37")
	w.F38 = r.float("field_38")
	w.F39 = r.boolean("field_39")
	w.F40 = r.text("field_40")
	w.F41 = r.integer("field_41")
	w.F42 = r.float("field_42")
	w.F43 = r.boolean("field_43")
	w.F44 = r.text("field_44")
	w.F45 = r.integer("field_45")
	w.F46 = r.float("field_46")
	w.F47 = r.boolean("field_47")
	w.F48 = r.text("field_48")
	w.F49 = r.integer("field_49")
	w.F50 = r.float("field_50")
	w.F51 = r.boolean("field_51")
	w.F52 = r.text("field_52")
	w.F53 = r.integer("field_53")
	w.F54 = r.float("field_54")
	w.F55 = r.boolean("field_55")
	w.F56 = r.text("field_56")
	w.F57 = r.integer("field_57")
	w.F58 = r.float("field_58")
	w.F59 = r.boolean("field_59")
	w.F60 = r.text("field_60")
	w.F61 = r.integer("field_61")
	w.F62 = r.float("field_62")
	w.F63 = r.boolean("field_63")
	w.F64 = r.text("field_64")
	w.F65 = r.integer("field_65")
	w.F66 = r.float("field_66")
	w.F67 = r.boolean("field_67")
	w.F68 = r.text("field_68")
	w.F69 = r.integer("field_69")
	w.F70 = r.float("field_70")
	w.F71 = r.boolean("field_71")
	w.F72 = r.text("field_72")
	w.F73 = r.integer("field_73")
	w.F74 = r.float("field_74")
	w.F75 = r.boolean("field_75")
	w.F76 = r.text("field_76")
	w.F77 = r.integer("field_77")
	w.F78 = r.float("field_78")
	w.F79 = r.boolean("field_79")
	w.F80 = r.text("field_80")
	w.F81 = r.integer("field_81")
	w.F82 = r.float("field_82")
	w.F83 = r.boolean("field_83")
	w.F84 = r.text("field_84")
	w.F85 = r.integer("field_85")
	w.F86 = r.float("field_86")
	w.F87 = r.boolean("field_87")
	w.F88 = r.text("field_88")
	w.F89 = r.integer("field_89")
	w.F90 = r.float("field_90")
	w.F91 = r.boolean("field_91")
	w.F92 = r.text("field_92")
	w.F93 = r.integer("field_93")
	w.F94 = r.float("field_94")
	w.F95 = r.boolean("field_95")
	w.F96 = r.text("field_96")
	return r.err
}
