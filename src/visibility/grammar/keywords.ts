// Words that the list-filter language knows. It is the expression part of MySQL's SELECT (Temporal parses filters with a MySQL
// parser), so words of SQL are keywords even where they mean nothing here. Pure; any thread.

/** Words with a meaning in the grammar, and words that SQL reserves: none of them names a column without backquotes. */
const RESERVED = `
  add all alter analyze and as asc auto_increment between binary _binary by case cast collate column constraint convert create
  cross current_date current_time current_timestamp substr substring database databases default delete desc describe
  distinct div drop else end escape exists explain extended false float for force from full group group_concat having if
  ignore in index inner insert interval into is join key left like limit localtime localtimestamp lock match maxvalue mod
  natural next not null on or order outer processlist regexp rlike rename replace right schema select separator set show
  sql_cache sql_no_cache starts_with straight_join stream table tables then to true union unique update use using utc_date
  utc_time utc_timestamp values when where`;

/** Keywords that also name columns. */
const NON_RESERVED = `
  accessible against asensitive before begin bigint bit blob bool boolean both call cascade change char character charset check
  comment committed commit condition continue current_user cursor date datetime day_hour day_microsecond day_minute
  day_second dec decimal declare delayed deterministic distinctrow double duplicate each elseif enclosed enum escaped exit
  expansion fetch float4 float8 foreign fulltext generated geometry geometrycollection get global grant high_priority
  hour_microsecond hour_minute hour_second infile inout insensitive int int1 int2 int3 int4 int8 integer io_after_gtids
  isolation iterate json keys key_block_size kill language last_insert_id leading leave less level linear lines linestring
  load long longblob longtext loop low_priority master_bind mediumblob mediumint mediumtext middleint minute_microsecond
  minute_second mode modifies multilinestring multipoint multipolygon names nchar no_write_to_binlog numeric offset only
  optimize optimizer_costs option optionally out outfile partition point polygon precision primary procedure query range
  read reads read_write real references release reorganize repair repeat repeatable require resignal restrict return
  revoke rollback schemas second_microsecond sensitive serializable session share signal signed smallint spatial
  specific sql sqlexception sqlstate sqlwarning sql_big_result sql_calc_found_rows sql_small_result ssl start starting
  status stored terminated text than time timestamp tinyblob tinyint tinytext trailing transaction trigger truncate
  uncommitted undo unlock unsigned usage varbinary varchar varcharacter variables varying view vindex vindexes virtual
  vitess_keyspaces vitess_shards vitess_tablets vschema_tables while with write xor year year_month zerofill`;

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

const NON_RESERVED_KEYWORDS: ReadonlySet<string> = new Set(words(NON_RESERVED));
const KEYWORDS: ReadonlySet<string> = new Set([...words(RESERVED), ...NON_RESERVED_KEYWORDS]);

/** Whether the lower-case word is a keyword of either kind. */
export const isKeyword = (word: string): boolean => KEYWORDS.has(word);
export const isNonReservedKeyword = (word: string): boolean => NON_RESERVED_KEYWORDS.has(word);
