BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0016_results');
CREATE TABLE answer (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	given JSON NOT NULL, 
	credit FLOAT NOT NULL, 
	points INTEGER NOT NULL, 
	answered_at DATETIME NOT NULL, 
	day DATE NOT NULL, 
	periods JSON, 
	team_id INTEGER, 
	PRIMARY KEY (id), 
	UNIQUE (round_id, member_id), 
	FOREIGN KEY(round_id) REFERENCES round (id) ON DELETE CASCADE, 
	FOREIGN KEY(member_id) REFERENCES member (id) ON DELETE CASCADE
);
INSERT INTO "answer" VALUES(1,2,1,'[0, 1, 2]',1.0,10,'2026-03-02 12:00:00.000000','2026-03-02','["2026-03-02", "2026-W10", "2026-03", "all"]',NULL);
CREATE TABLE card (
	player_id INTEGER NOT NULL, 
	pack VARCHAR NOT NULL, 
	question VARCHAR NOT NULL, 
	stability FLOAT NOT NULL, 
	difficulty FLOAT NOT NULL, 
	due DATETIME NOT NULL, 
	reviewed_at DATETIME NOT NULL, 
	seen INTEGER NOT NULL, 
	"right" INTEGER NOT NULL, 
	last_right BOOLEAN NOT NULL, 
	PRIMARY KEY (player_id, pack, question), 
	FOREIGN KEY(player_id) REFERENCES player (id) ON DELETE CASCADE
);
INSERT INTO "card" VALUES(1,'sample','beta-q5',2.3065,2.11810397045901588342e+00,'2026-03-04 12:00:00.000000','2026-03-02 12:00:00.000000',1,1,1);
CREATE TABLE channel (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	external_id VARCHAR NOT NULL, 
	reveal VARCHAR NOT NULL, 
	pack VARCHAR NOT NULL, 
	weekly VARCHAR NOT NULL, 
	results VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (community_id, external_id), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE
);
CREATE TABLE community (
	id INTEGER NOT NULL, 
	platform VARCHAR NOT NULL, 
	external_id VARCHAR NOT NULL, 
	zone VARCHAR, 
	team_cap INTEGER, 
	posers VARCHAR NOT NULL, 
	questions_an_hour INTEGER NOT NULL, 
	question_minutes INTEGER NOT NULL, 
	manager_role VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (platform, external_id)
);
INSERT INTO "community" VALUES(1,'terminal','local',NULL,NULL,'everyone',3,60,'');
CREATE TABLE daily (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	channel VARCHAR NOT NULL, 
	set_by VARCHAR NOT NULL, 
	"plan" VARCHAR NOT NULL, 
	proposed VARCHAR NOT NULL, 
	proposal INTEGER NOT NULL, 
	paused VARCHAR NOT NULL, 
	next_on DATE, 
	next_due_at DATETIME, 
	last_on DATE, 
	pack VARCHAR NOT NULL, 
	question VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (community_id, channel), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE
);
CREATE TABLE drill (
	id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	pack VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(member_id) REFERENCES member (id) ON DELETE CASCADE
);
INSERT INTO "drill" VALUES(1,1,'sample','beta','2026-03-02 12:00:00.000000');
CREATE TABLE due (
	kind VARCHAR NOT NULL, 
	community_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	set_by VARCHAR NOT NULL, 
	PRIMARY KEY (kind, community_id, "key"), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE
);
CREATE TABLE linking (
	person_id INTEGER NOT NULL, 
	code VARCHAR, 
	expires_at DATETIME, 
	community VARCHAR NOT NULL, 
	claim INTEGER NOT NULL, 
	claimant_id INTEGER, 
	wrong INTEGER NOT NULL, 
	wrong_since DATETIME, 
	PRIMARY KEY (person_id), 
	FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE, 
	FOREIGN KEY(claimant_id) REFERENCES member (id) ON DELETE SET NULL, 
	UNIQUE (code)
);
CREATE TABLE manager (
	community_id INTEGER NOT NULL, 
	user_id VARCHAR NOT NULL, 
	PRIMARY KEY (community_id, user_id), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE
);
CREATE TABLE member (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	team_id INTEGER, 
	hidden BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (community_id, person_id), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE, 
	FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE, 
	FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE SET NULL
);
INSERT INTO "member" VALUES(1,1,1,'Bob',NULL,0);
CREATE TABLE person (
	id INTEGER NOT NULL, 
	platform VARCHAR NOT NULL, 
	realm VARCHAR NOT NULL, 
	external_id VARCHAR NOT NULL, 
	player_id INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (platform, realm, external_id), 
	FOREIGN KEY(player_id) REFERENCES player (id) ON DELETE CASCADE
);
INSERT INTO "person" VALUES(1,'terminal','','bob',1);
CREATE TABLE player (
	id INTEGER NOT NULL, 
	streak_days INTEGER NOT NULL, 
	streak_best INTEGER NOT NULL, 
	streak_last DATE, 
	streak_freezes INTEGER NOT NULL, 
	streak_active INTEGER NOT NULL, 
	streak_at DATETIME, 
	streak_zone VARCHAR NOT NULL, 
	streak_starts INTEGER NOT NULL, 
	zone VARCHAR, 
	told_zone VARCHAR, 
	day_starts INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "player" VALUES(1,1,1,'2026-03-02',0,1,'2026-03-02 12:00:00.000000','UTC',0,NULL,NULL,0);
CREATE TABLE post (
	round_id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	channel VARCHAR NOT NULL, 
	board VARCHAR NOT NULL, 
	reveal VARCHAR NOT NULL, 
	seconds INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	message VARCHAR, 
	shown INTEGER NOT NULL, 
	due_at DATETIME, 
	tries INTEGER NOT NULL, 
	daily_id INTEGER, 
	local_date DATE, 
	mention VARCHAR NOT NULL, 
	intro VARCHAR NOT NULL, 
	posed_by VARCHAR NOT NULL, 
	salt VARCHAR, 
	trouble VARCHAR NOT NULL, 
	PRIMARY KEY (round_id), 
	FOREIGN KEY(round_id) REFERENCES round (id) ON DELETE CASCADE, 
	FOREIGN KEY(daily_id) REFERENCES daily (id) ON DELETE SET NULL, 
	UNIQUE (daily_id, local_date)
);
INSERT INTO "post" VALUES(1,1,'talk','live','at-once',3600,'open','m1',0,'2026-03-02 13:00:00.000000',0,NULL,NULL,'','','ann',NULL,'');
CREATE TABLE report (
	id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	pack VARCHAR NOT NULL, 
	question VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	reported_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(member_id) REFERENCES member (id) ON DELETE CASCADE
);
INSERT INTO "report" VALUES(1,1,'sample','beta-q5','02a4de2bf207','The key is wrong','2026-03-02 12:00:00.000000');
CREATE TABLE round (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	drill_id INTEGER, 
	step INTEGER NOT NULL, 
	pack VARCHAR NOT NULL, 
	question VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	layout JSON NOT NULL, 
	opened_at DATETIME NOT NULL, 
	closes_at DATETIME, 
	withdrawn_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (drill_id, step), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE, 
	FOREIGN KEY(drill_id) REFERENCES drill (id) ON DELETE CASCADE
);
INSERT INTO "round" VALUES(1,1,NULL,1,'sample','alpha-q1','e284d4e3ed18','[0, 1, 3, 2]','2026-03-02 12:00:00.000000','2026-03-02 13:00:00.000000',NULL);
INSERT INTO "round" VALUES(2,1,1,1,'sample','beta-q5','02a4de2bf207','[2, 0, 1]','2026-03-02 12:00:00.000000',NULL,NULL);
INSERT INTO "round" VALUES(3,1,1,2,'sample','beta-q6','05a0674879ce','[]','2026-03-02 12:00:00.000000',NULL,NULL);
INSERT INTO "round" VALUES(4,1,1,3,'sample','beta-q1','a29aadfe56ac','[2, 3, 0, 1]','2026-03-02 12:00:00.000000',NULL,NULL);
CREATE TABLE season (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	ends_on DATE, 
	next VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE
);
CREATE TABLE setting (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE slack_bots (
	id INTEGER NOT NULL, 
	client_id VARCHAR(32) NOT NULL, 
	app_id VARCHAR(32) NOT NULL, 
	enterprise_id VARCHAR(32), 
	enterprise_name VARCHAR(200), 
	team_id VARCHAR(32), 
	team_name VARCHAR(200), 
	bot_token VARCHAR(200), 
	bot_id VARCHAR(32), 
	bot_user_id VARCHAR(32), 
	bot_scopes VARCHAR(1000), 
	bot_refresh_token VARCHAR(200), 
	bot_token_expires_at DATETIME, 
	is_enterprise_install BOOLEAN NOT NULL, 
	installed_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE slack_installations (
	id INTEGER NOT NULL, 
	client_id VARCHAR(32) NOT NULL, 
	app_id VARCHAR(32) NOT NULL, 
	enterprise_id VARCHAR(32), 
	enterprise_name VARCHAR(200), 
	enterprise_url VARCHAR(200), 
	team_id VARCHAR(32), 
	team_name VARCHAR(200), 
	bot_token VARCHAR(200), 
	bot_id VARCHAR(32), 
	bot_user_id VARCHAR(32), 
	bot_scopes VARCHAR(1000), 
	bot_refresh_token VARCHAR(200), 
	bot_token_expires_at DATETIME, 
	user_id VARCHAR(32) NOT NULL, 
	user_token VARCHAR(200), 
	user_scopes VARCHAR(1000), 
	user_refresh_token VARCHAR(200), 
	user_token_expires_at DATETIME, 
	incoming_webhook_url VARCHAR(200), 
	incoming_webhook_channel VARCHAR(200), 
	incoming_webhook_channel_id VARCHAR(200), 
	incoming_webhook_configuration_url VARCHAR(200), 
	is_enterprise_install BOOLEAN NOT NULL, 
	token_type VARCHAR(32), 
	installed_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE slack_oauth_states (
	id INTEGER NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	expire_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE standing (
	member_id INTEGER NOT NULL, 
	board VARCHAR NOT NULL, 
	period VARCHAR NOT NULL, 
	team_id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	points INTEGER NOT NULL, 
	"right" INTEGER NOT NULL, 
	answered INTEGER NOT NULL, 
	reached_at DATETIME NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	PRIMARY KEY (member_id, board, period, team_id), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE, 
	FOREIGN KEY(member_id) REFERENCES member (id) ON DELETE CASCADE
);
INSERT INTO "standing" VALUES(1,'drill','2026-03',0,1,10,1,1,'2026-03-02 12:00:00.000000',0);
INSERT INTO "standing" VALUES(1,'drill','2026-03-02',0,1,10,1,1,'2026-03-02 12:00:00.000000',0);
INSERT INTO "standing" VALUES(1,'drill','2026-W10',0,1,10,1,1,'2026-03-02 12:00:00.000000',0);
INSERT INTO "standing" VALUES(1,'drill','all',0,1,10,1,1,'2026-03-02 12:00:00.000000',0);
CREATE TABLE team (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	folded VARCHAR NOT NULL, 
	role VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (community_id, folded), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE
);
CREATE TABLE warning (
	community_id INTEGER NOT NULL, 
	channel VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	PRIMARY KEY (community_id, channel, reason), 
	FOREIGN KEY(community_id) REFERENCES community (id) ON DELETE CASCADE
);
CREATE TABLE withdrawn (
	round_id INTEGER NOT NULL, 
	pseudonym VARCHAR NOT NULL, 
	PRIMARY KEY (round_id, pseudonym), 
	FOREIGN KEY(round_id) REFERENCES round (id) ON DELETE CASCADE
);
CREATE INDEX slack_bots_idx ON slack_bots (client_id, enterprise_id, team_id, installed_at);
CREATE INDEX slack_installations_idx ON slack_installations (client_id, enterprise_id, team_id, user_id, installed_at);
CREATE UNIQUE INDEX ix_season_running ON season (community_id) WHERE ended_at IS NULL;
CREATE INDEX ix_person_player_id ON person (player_id);
CREATE UNIQUE INDEX ix_team_role ON team (community_id, role);
CREATE INDEX ix_daily_next_due_at ON daily (next_due_at);
CREATE INDEX ix_due_due_at ON due (due_at);
CREATE INDEX ix_member_person_id ON member (person_id);
CREATE INDEX ix_member_team_id ON member (team_id);
CREATE INDEX ix_drill_member_id ON drill (member_id);
CREATE INDEX ix_standing_page ON standing (community_id, board, period, team_id, hidden, points DESC, reached_at, member_id);
CREATE INDEX ix_report_member_id ON report (member_id);
CREATE INDEX ix_post_channel ON post (channel);
CREATE INDEX ix_post_due ON post (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX ix_post_live ON post (community_id, channel) WHERE board = 'live' AND state <> 'closed';
CREATE INDEX ix_answer_member_id ON answer (member_id);
COMMIT;
