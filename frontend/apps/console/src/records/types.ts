/** What every record carries, as the API shows it. */
export interface MemberBrief {
  id: number;
  name: string;
}

export interface Brief {
  id: number;
  name: string;
}

export interface RecordBase {
  id: number;
  owner: MemberBrief | null;
  source: string;
  tags: string[];
  custom: Record<string, unknown>;
  version: number;
  created_at: string;
  updated_at: string;
  archived_at: string | null;
  last_activity_at: string | null;
  next_action_at: string | null;
}
