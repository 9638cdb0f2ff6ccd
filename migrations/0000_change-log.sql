CREATE TABLE "change_log" (
	"revision" bigint NOT NULL,
	"ordinal" integer NOT NULL,
	"op" text collate "C" NOT NULL,
	"kind" text collate "C" NOT NULL,
	"mesh" text collate "C" NOT NULL,
	"name" text collate "C" NOT NULL,
	"resource" json,
	"previous" json,
	CONSTRAINT "change_log_revision_ordinal_pk" PRIMARY KEY("revision","ordinal")
);
--> statement-breakpoint
CREATE TABLE "log_position" (
	"id" smallint PRIMARY KEY NOT NULL,
	"newest" bigint NOT NULL,
	"compacted_to" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "meta" (
	"name" text collate "C" PRIMARY KEY NOT NULL,
	"value" text collate "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "resources" (
	"kind" text collate "C" NOT NULL,
	"mesh" text collate "C" NOT NULL,
	"name" text collate "C" NOT NULL,
	"version" bigint NOT NULL,
	"creation_time" timestamp (3) with time zone NOT NULL,
	"modification_time" timestamp (3) with time zone NOT NULL,
	"labels" jsonb NOT NULL,
	"spec" json NOT NULL,
	"status" json,
	CONSTRAINT "resources_kind_mesh_name_pk" PRIMARY KEY("kind","mesh","name")
);
--> statement-breakpoint
CREATE TABLE "revisions" (
	"revision" bigint PRIMARY KEY NOT NULL,
	"time" timestamp (3) with time zone NOT NULL,
	"author" text collate "C" NOT NULL,
	"address" text collate "C",
	"message" text collate "C"
);
--> statement-breakpoint
CREATE TABLE "status" (
	"kind" text collate "C" NOT NULL,
	"mesh" text collate "C" NOT NULL,
	"name" text collate "C" NOT NULL,
	"value" json NOT NULL,
	"modification_time" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "status_kind_mesh_name_pk" PRIMARY KEY("kind","mesh","name")
);
--> statement-breakpoint
INSERT INTO "log_position" ("id", "newest", "compacted_to") VALUES (1, 0, 0);
