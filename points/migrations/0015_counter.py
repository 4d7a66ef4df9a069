import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("points", "0014_market_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name='OfflineList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.CharField(max_length=32, verbose_name='清单编号')),
                ('version', models.PositiveSmallIntegerField(verbose_name='密钥版本')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要')),
                ('taken_at', models.DateTimeField(verbose_name='领取时间')),
                ('expires_at', models.DateTimeField(verbose_name='有效至')),
                ('ends_at', models.DateTimeField(verbose_name='上传截止')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='交还时间')),
                ('closed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='交还人')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offline_lists', to='points.store', verbose_name='慈善超市')),
                ('taken_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='领取人')),
            ],
            options={
                'verbose_name': '离线清单',
                'verbose_name_plural': '离线清单',
                'ordering': ('-id',),
                'constraints': [models.UniqueConstraint(fields=('serial',), name='offline_list_serial_once'), models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('expires_at')), ('expires_at__gt', models.F('taken_at'))), name='offline_list_forward'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='offline_list_closed_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='GoodsReturn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('condition', models.CharField(choices=[('back_to_shelf', '完好，放回货架'), ('discard', '不能再用，报损')], max_length=16, verbose_name='商品状况')),
                ('asked_at', models.DateTimeField(verbose_name='登记时间')),
                ('decision', models.CharField(blank=True, choices=[('approved', '同意退货'), ('refused', '不同意退货')], default='', max_length=10, verbose_name='决定')),
                ('decision_reason', models.CharField(blank=True, default='', max_length=200, verbose_name='决定说明')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='决定时间')),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('decided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('redemption', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='points.redemption', verbose_name='兑换')),
            ],
            options={
                'verbose_name': '退货',
                'verbose_name_plural': '退货',
                'ordering': ('-id',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('decision', 'refused'), _negated=True), fields=('redemption',), name='goods_return_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='goods_return_explained'), models.CheckConstraint(condition=models.Q(('condition__in', ['back_to_shelf', 'discard'])), name='goods_return_condition_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decision', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('decision__in', ['approved', 'refused'])), _connector='OR'), name='goods_return_decided_by_someone'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='goods_return_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('decision', 'refused'), _negated=True), models.Q(('decision_reason', ''), _negated=True), _connector='OR'), name='goods_return_refusal_explained')],
            },
        ),
        migrations.CreateModel(
            name='OfflineCollection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nonce', models.CharField(max_length=64)),
                ('captured_at', models.DateTimeField(verbose_name='发放时间')),
                ('received_at', models.DateTimeField(verbose_name='上传时间')),
                ('result', models.CharField(choices=[('collected', '已发放'), ('already', '之前已经领取'), ('cancelled', '之前已经取消'), ('lapsed_but_on_list', '上传太晚，积分已退回'), ('refused', '没有被接受')], max_length=20, verbose_name='结果')),
                ('problem', models.CharField(blank=True, default='', max_length=40, verbose_name='原因')),
                ('redemption', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offline_collections', to='points.redemption', verbose_name='兑换')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collections', to='points.offlinelist')),
            ],
            options={
                'verbose_name': '离线发放',
                'verbose_name_plural': '离线发放',
                'ordering': ('-id',),
                'constraints': [models.UniqueConstraint(fields=('list', 'nonce'), name='offline_collection_once'), models.CheckConstraint(condition=models.Q(('nonce', ''), _negated=True), name='offline_collection_named'), models.CheckConstraint(condition=models.Q(('result__in', ['collected', 'already', 'cancelled', 'lapsed_but_on_list', 'refused'])), name='offline_collection_result_known'), models.CheckConstraint(condition=models.Q(('captured_at__lte', models.F('received_at'))), name='offline_collection_in_order')],
            },
        ),
        migrations.CreateModel(
            name='OfflineLease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='释放时间')),
                ('redemption', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leases', to='points.redemption')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leases', to='points.offlinelist')),
            ],
            options={
                'verbose_name': '离线占用',
                'verbose_name_plural': '离线占用',
                'constraints': [models.UniqueConstraint(fields=('list', 'redemption'), name='offline_lease_listed_once'), models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('redemption',), name='offline_lease_one_device')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='redemption',
            trigger=pgtrigger.compiler.Trigger(name='redemption_returned_by_two', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status = 'returned' AND OLD.status <> 'returned')", func="\n    IF NOT EXISTS (SELECT 1 FROM points_goodsreturn AS back\n                    WHERE back.redemption_id = NEW.id AND back.decision = 'approved') THEN\n        RAISE EXCEPTION 'a second person has not agreed'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_returned_by_two';\n    END IF;\n    RETURN NEW;\n", hash='843cd11c7c844e3a1ca664f2fe4d1c964b729d4c', operation='UPDATE', pgid='pgtrigger_redemption_returned_by_two_b2ffd', table='points_redemption', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='redemption',
            trigger=pgtrigger.compiler.Trigger(name='redemption_not_leased', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status = 'reserved' AND NEW.status <> 'reserved')", func="\n    IF EXISTS (SELECT 1 FROM points_offlinelease AS lease\n                 JOIN points_offlinelist AS list ON list.id = lease.list_id\n                WHERE lease.redemption_id = NEW.id AND lease.released_at IS NULL\n                  AND list.ends_at > NEW.settled_at) THEN\n        RAISE EXCEPTION 'a device without network may be handing it over'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_not_leased';\n    END IF;\n    RETURN NEW;\n", hash='0e8e672e1ffd5cc1f939f15f142d3fbe1d4d9b89', operation='UPDATE', pgid='pgtrigger_redemption_not_leased_668e7', table='points_redemption', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='goodsreturn',
            trigger=pgtrigger.compiler.Trigger(name='goods_return_of_collected', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (SELECT 1 FROM points_redemption AS redemption\n                    WHERE redemption.id = NEW.redemption_id AND redemption.status = 'collected') THEN\n        RAISE EXCEPTION 'only goods that were handed over come back'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_of_collected';\n    END IF;\n    IF \n    EXISTS (\n        SELECT 1 FROM points_redemption AS redemption\n          JOIN volunteers_volunteer AS person ON person.id = redemption.volunteer_id\n         WHERE redemption.id = NEW.redemption_id AND person.user_id = NEW.asked_by_id\n    ) OR EXISTS (\n        SELECT 1 FROM points_redemption AS redemption\n          JOIN volunteers_volunteer AS clerk ON clerk.user_id = NEW.asked_by_id\n          JOIN volunteers_householdmember AS home\n            ON home.volunteer_id = clerk.id AND home.left_at IS NULL\n          LEFT JOIN volunteers_householdmember AS taker\n            ON taker.household_id = home.household_id AND taker.left_at IS NULL\n         WHERE redemption.id = NEW.redemption_id\n           AND (home.household_id = redemption.household_id OR taker.volunteer_id = redemption.volunteer_id)\n    )\n THEN\n        RAISE EXCEPTION 'nobody takes back what is their own'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_not_own';\n    END IF;\n    RETURN NEW;\n", hash='09408efb08a43779356be92b615f7431a6217344', operation='INSERT', pgid='pgtrigger_goods_return_of_collected_e2f5d', table='points_goodsreturn', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='goodsreturn',
            trigger=pgtrigger.compiler.Trigger(name='goods_return_is_history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF TG_OP = 'DELETE' OR OLD.decision <> ''\n       OR to_jsonb(NEW) - ARRAY['decision', 'decision_reason', 'decided_by_id', 'decided_at'] <> to_jsonb(OLD) - ARRAY['decision', 'decision_reason', 'decided_by_id', 'decided_at'] THEN\n        RAISE EXCEPTION 'a return is decided once'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_is_history';\n    END IF;\n    IF \n    EXISTS (\n        SELECT 1 FROM points_redemption AS redemption\n          JOIN volunteers_volunteer AS person ON person.id = redemption.volunteer_id\n         WHERE redemption.id = NEW.redemption_id AND person.user_id = NEW.decided_by_id\n    ) OR EXISTS (\n        SELECT 1 FROM points_redemption AS redemption\n          JOIN volunteers_volunteer AS clerk ON clerk.user_id = NEW.decided_by_id\n          JOIN volunteers_householdmember AS home\n            ON home.volunteer_id = clerk.id AND home.left_at IS NULL\n          LEFT JOIN volunteers_householdmember AS taker\n            ON taker.household_id = home.household_id AND taker.left_at IS NULL\n         WHERE redemption.id = NEW.redemption_id\n           AND (home.household_id = redemption.household_id OR taker.volunteer_id = redemption.volunteer_id)\n    )\n THEN\n        RAISE EXCEPTION 'nobody takes back what is their own'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_not_own';\n    END IF;\n    RETURN NEW;\n", hash='11720cd29cb1812e69f3dd1cd72c54a347f71a33', operation='UPDATE OR DELETE', pgid='pgtrigger_goods_return_is_history_d933b', table='points_goodsreturn', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offlinelist',
            trigger=pgtrigger.compiler.Trigger(name='offline_list_is_history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL\n       OR to_jsonb(NEW) - ARRAY['closed_at', 'closed_by_id']\n          <> to_jsonb(OLD) - ARRAY['closed_at', 'closed_by_id'] THEN\n        RAISE EXCEPTION 'a list that was given out does not change'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'offline_list_is_history';\n    END IF;\n    RETURN NEW;\n", hash='f6b1310e5981825c74fc8d0cfb9c239f51c86335', operation='UPDATE OR DELETE', pgid='pgtrigger_offline_list_is_history_0c74a', table='points_offlinelist', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offlinelease',
            trigger=pgtrigger.compiler.Trigger(name='offline_lease_of_that_store', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (SELECT 1 FROM points_redemption AS redemption\n                     JOIN points_offlinelist AS list ON list.store_id = redemption.store_id\n                    WHERE redemption.id = NEW.redemption_id AND redemption.status = 'reserved'\n                      AND list.id = NEW.list_id AND list.closed_at IS NULL) THEN\n        RAISE EXCEPTION 'only what waits in the store of the list can be on it'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'offline_lease_of_that_store';\n    END IF;\n    RETURN NEW;\n", hash='be7e1665dd0a34c56bec70fd4549a78543528bd0', operation='INSERT', pgid='pgtrigger_offline_lease_of_that_store_ce1fc', table='points_offlinelease', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offlinelease',
            trigger=pgtrigger.compiler.Trigger(name='offline_lease_is_history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF TG_OP = 'DELETE' OR OLD.released_at IS NOT NULL\n       OR to_jsonb(NEW) - 'released_at' <> to_jsonb(OLD) - 'released_at' THEN\n        RAISE EXCEPTION 'a lease ends once'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'offline_lease_is_history';\n    END IF;\n    RETURN NEW;\n", hash='12aa72379094813846bff31fcf4de318305468cb', operation='UPDATE OR DELETE', pgid='pgtrigger_offline_lease_is_history_62690', table='points_offlinelease', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offlinecollection',
            trigger=pgtrigger.compiler.Trigger(name='offline_collection_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'offline_collection_append_only: rows are never changed or removed' USING ERRCODE = 'check_violation', CONSTRAINT = 'offline_collection_append_only';", hash='1d11d206eb4176742a9d6440ec459cf03adb4162', operation='UPDATE OR DELETE', pgid='pgtrigger_offline_collection_append_only_88519', table='points_offlinecollection', when='BEFORE')),
        ),
    ]
